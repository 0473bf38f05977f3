import type { ByteSource } from '@factory/object-store';

/** Bytes in memory as a source, for specs. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read: (into) => {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
  };
}
