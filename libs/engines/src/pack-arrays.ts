import { BadInputError } from '@factory/domain';

type NumberArray = Uint32Array | Float32Array | Float64Array;

/** Arrays as consecutive bytes: how an engine written in TypeScript pauses a network. A copy. */
export function packArrays(arrays: readonly NumberArray[]): Uint8Array {
  const packed = new Uint8Array(byteLength(arrays));
  let at = 0;
  for (const array of arrays) {
    packed.set(bytesOf(array), at);
    at += array.byteLength;
  }
  return packed;
}

/**
 * Fills arrays of the same kinds and lengths as those packed.
 *
 * @throws BadInputError `not-a-network-state` when the lengths differ
 */
export function unpackArrays(packed: Uint8Array, arrays: readonly NumberArray[]): void {
  if (packed.length !== byteLength(arrays))
    throw new BadInputError('not-a-network-state', {
      field: 'state.bytes',
      value: packed.length,
      todo: `resume with the engine, width and settings that were paused (${byteLength(arrays)} bytes here)`,
    });
  let at = 0;
  for (const array of arrays) {
    bytesOf(array).set(packed.subarray(at, at + array.byteLength));
    at += array.byteLength;
  }
}

function byteLength(arrays: readonly NumberArray[]): number {
  return arrays.reduce((sum, array) => sum + array.byteLength, 0);
}

function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
