/** Converts float32 values to little-endian bytes, array after array, as in all weights files. */
export function toLittleEndian(arrays: readonly Float32Array[]): Buffer {
  const bytes = Buffer.alloc(4 * arrays.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const array of arrays) for (const value of array) offset = bytes.writeFloatLE(value, offset);
  return bytes;
}

/** @param offset where the first value starts, in bytes; there must be `count` values from there */
export function fromLittleEndian(bytes: Uint8Array, offset: number, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 4 * count);
  return Float32Array.from({ length: count }, (_, index) => view.getFloat32(4 * index, true));
}
