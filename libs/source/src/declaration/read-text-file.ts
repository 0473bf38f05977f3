import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Maximum length of a file that is read, bytes. */
export const LONGEST_TEXT = 10_000_000;

/**
 * The text of a file that others may change at any time. Devices and pipes may never end or never begin: only a
 * regular file, possibly behind links, is read, and at most `longest` bytes.
 *
 * @throws Error with the reason, or the error of the system
 */
export function readTextFile(path: string, longest = LONGEST_TEXT): string {
  // Checked before opening: opening a device or pipe may have effects or block.
  requireRegular(statSync(path).isFile());
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    requireRegular(stat.isFile());
    if (stat.size > longest) throw tooLong(longest);
    return readAll(file, stat.size, longest);
  } finally {
    closeSync(file);
  }
}

/** A file may have grown since its size was read, and some report no size. */
function readAll(file: number, size: number, longest: number): string {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.alloc(Math.max(1, Math.min(Math.max(size - length, 65_536), longest + 1 - length)));
    const read = readSync(file, part, 0, part.length, null);
    if (read === 0) return Buffer.concat(parts).toString('utf8');
    parts.push(part.subarray(0, read));
    length += read;
    if (length > longest) throw tooLong(longest);
  }
}

function requireRegular(regular: boolean): void {
  if (!regular) throw new Error('it is not a regular file');
}

function tooLong(longest: number): Error {
  return new Error(`it has more than ${longest} bytes`);
}
