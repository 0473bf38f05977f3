import { BadInputError, messageOf } from '@factory/domain';
import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { FileLimits } from './file-limits';

const GZIP = [0x1f, 0x8b];
const CHUNK_BYTES = 1 << 18;

/** Beginnings of files that are not text, whatever their name says. */
const FOREIGN: readonly {
  readonly magic: readonly number[];
  readonly what: string;
  readonly todo: string;
}[] = [
  { magic: [0x50, 0x4b, 3, 4], what: 'a zip or Excel file', todo: 'unzip it, or save the sheet as CSV' },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], what: 'an Excel file', todo: 'save the sheet as CSV' },
  { magic: [0x42, 0x5a, 0x68], what: 'a bzip2 file', todo: 'unpack it with bunzip2 first' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], what: 'an xz file', todo: 'unpack it with unxz first' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'a zstd file', todo: 'unpack it with unzstd first' },
  { magic: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', todo: 'save it as CSV first' },
];

/**
 * The bytes of a file, decompressed if it is gzip (one member or several).
 *
 * @throws BadInputError `missing-file`, `unsupported-file`; while reading `broken-gzip`, `file-too-large`
 */
export function openBytes(file: string, limits: FileLimits): AsyncIterable<Buffer> {
  const magic = firstBytes(file);
  const foreign = FOREIGN.find((one) => startsWith(magic, one.magic));
  if (foreign) {
    throw new BadInputError('unsupported-file', { field: file, value: foreign.what, todo: foreign.todo });
  }
  const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!startsWith(magic, GZIP)) return bytes;
  return unzipped(file, bytes, limits);
}

async function* unzipped(
  file: string,
  bytes: ReturnType<typeof createReadStream>,
  { unpackedBytes }: FileLimits,
): AsyncGenerator<Buffer> {
  let unpacked = 0;
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  bytes.on('error', (error) => gunzip.destroy(error));
  // Bytes after the end of the archive cause an error after the last byte was read; without a listener it would
  // end the process.
  gunzip.on('error', () => undefined);
  try {
    for await (const chunk of bytes.pipe(gunzip) as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > unpackedBytes) throw tooLarge(file, unpackedBytes);
      yield chunk;
    }
    // zlib ignores zero bytes after the archive and leaves them unread.
    if (gunzip.bytesWritten < statSync(file).size) throw behindTheEnd(file);
  } catch (cause) {
    const { code, name } = cause as { code?: string; name?: string };
    // Other bytes end the decompression before the end of its input.
    if (name === 'AbortError') throw behindTheEnd(file, cause);
    if (!code?.startsWith('Z_')) throw cause;
    throw brokenGzip(file, messageOf(cause), cause);
  } finally {
    bytes.destroy();
    gunzip.destroy();
  }
}

function tooLarge(file: string, most: number): BadInputError {
  return new BadInputError('file-too-large', {
    field: file,
    value: `more than ${most} bytes unpacked`,
    todo: 'split it, or unpack it and give the unpacked file (FILE_MAX_UNPACKED_GIB)',
  });
}

function behindTheEnd(file: string, cause?: unknown): BadInputError {
  return brokenGzip(file, 'bytes after the end of the archive', cause);
}

function brokenGzip(file: string, value: string, cause: unknown): BadInputError {
  const todo = 'fetch or compress the file again: it cannot be decompressed to its end';
  return new BadInputError('broken-gzip', { field: file, value, todo }, { cause });
}

/** @throws BadInputError `missing-file` */
function firstBytes(file: string): Buffer {
  const magic = Buffer.alloc(4);
  try {
    const handle = openSync(file, 'r');
    try {
      if (fstatSync(handle).isDirectory()) throw new RangeError('it is a folder');
      readSync(handle, magic, 0, magic.length, 0);
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    const todo = `name a file that can be read (${messageOf(cause)})`;
    throw new BadInputError('missing-file', { field: 'file', value: file, todo }, { cause });
  }
  return magic;
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}
