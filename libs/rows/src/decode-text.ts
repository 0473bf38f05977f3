import { BadInputError } from '@factory/domain';
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

const UTF16_LITTLE = [0xff, 0xfe];
const UTF16_BIG = [0xfe, 0xff];
/** Number of bytes that are checked for UTF-16 without a byte order mark. */
const LOOKED_AT_BYTES = 4096;

/**
 * Decodes bytes chunk by chunk, without the byte order mark.
 *
 * @throws BadInputError `wrong-encoding` with the offset of the first byte that is not UTF-8, `nul-byte`, or
 * `unknown-encoding`
 */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
  file: string,
): AsyncGenerator<string> {
  const utf8 = /^utf-?8$/i.test(encoding);
  const decoder = utf8 ? new Utf8Decoder(file) : otherDecoder(encoding);
  let isFirst = true;
  let chars = 0;
  for await (const chunk of chunks) {
    if (isFirst && utf8) refuseUtf16(chunk, file);
    const text = decoder.decode(chunk, { stream: true });
    if (text.includes('\0')) throw nulByte(file, chars + text.indexOf('\0'), encoding);
    chars += text.length;
    yield isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text;
    isFirst = false;
  }
  yield decoder.decode(new Uint8Array(0), { stream: false });
}

/** Strict UTF-8 decoder that reports the position of a fault, unlike `TextDecoder`. */
class Utf8Decoder {
  private carry = Buffer.alloc(0);
  private offset = 0;

  constructor(private readonly file: string) {}

  decode(chunk: Uint8Array, { stream }: { stream: boolean }): string {
    const bytes = Buffer.concat([this.carry, chunk]);
    const end = stream ? bytes.length - unfinishedTail(bytes) : bytes.length;
    const whole = bytes.subarray(0, end);
    if (!isUtf8(whole)) throw wrongEncoding(this.file, this.offset + firstInvalid(whole), whole);
    this.offset += end;
    this.carry = Buffer.from(bytes.subarray(end));
    return whole.toString('utf8');
  }
}

/** Number of bytes at the end that begin an incomplete character: 0 to 3. */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return lengthBy(byte) > back ? back : 0;
  }
  return 0;
}

/** Length of the character that begins with `byte`, bytes. */
function lengthBy(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

/** Offset of the first invalid byte. */
function firstInvalid(bytes: Buffer): number {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    const head = bytes.subarray(0, middle);
    if (isUtf8(head.subarray(0, middle - unfinishedTail(head)))) valid = middle;
    else invalid = middle;
  }
  return valid - unfinishedTail(bytes.subarray(0, valid));
}

function wrongEncoding(file: string, offset: number, bytes: Buffer): BadInputError {
  const value = `byte 0x${(bytes[firstInvalid(bytes)] ?? 0).toString(16)} at offset ${offset}`;
  const todo = 'save the file as UTF-8, or give its encoding, such as --encoding latin1';
  return new BadInputError('wrong-encoding', { field: file, value, todo });
}

function refuseUtf16(chunk: Uint8Array, file: string): void {
  for (const mark of [UTF16_LITTLE, UTF16_BIG]) {
    if (mark.every((byte, at) => chunk[at] === byte)) {
      const encoding = mark === UTF16_LITTLE ? 'utf-16le' : 'utf-16be';
      const todo = `save the file as UTF-8, or give --encoding ${encoding}`;
      throw new BadInputError('wrong-encoding', { field: file, value: `${encoding} at offset 0`, todo });
    }
  }
  const looked = chunk.subarray(0, LOOKED_AT_BYTES);
  const nulls = [0, 1].map((from) => looked.filter((byte, at) => byte === 0 && at % 2 === from).length);
  const [even = 0, odd = 0] = nulls;
  // UTF-16 text in Latin letters has a zero in every second byte; without a byte order mark, other text cannot
  // be recognised reliably.
  if (Math.max(even, odd) < looked.length / 8 || Math.min(even, odd) > Math.max(even, odd) / 4) return;
  const encoding = odd > even ? 'utf-16le' : 'utf-16be';
  const todo = `give --encoding ${encoding}: it looks like UTF-16 without a byte order mark; or save the file as UTF-8`;
  throw new BadInputError('wrong-encoding', {
    field: file,
    value: `${odd + even} zero bytes in ${looked.length}`,
    todo,
  });
}

function nulByte(file: string, place: number, encoding: string): BadInputError {
  const value = `a zero byte after ${place} characters`;
  const todo = `remove it: text contains none. A file that is not ${encoding}, or is damaged, may; see --encoding`;
  return new BadInputError('nul-byte', { field: file, value, todo });
}

function otherDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { ignoreBOM: true });
  } catch (cause) {
    const todo = 'use a name such as utf-8, latin1, windows-1252 or utf-16le';
    throw new BadInputError('unknown-encoding', { field: 'encoding', value: encoding, todo }, { cause });
  }
}
