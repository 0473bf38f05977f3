import { closeSync, openSync, readSync, statSync } from 'node:fs';

/**
 * @param {string} file
 * @returns {SharedArrayBuffer} its bytes, shared between threads
 */
export function readShared(file) {
  const bytes = new Uint8Array(new SharedArrayBuffer(statSync(file).size));
  const handle = openSync(file, 'r');
  let at = 0;
  while (at < bytes.length) at += readSync(handle, bytes, at, bytes.length - at, null);
  closeSync(handle);
  return bytes.buffer;
}
