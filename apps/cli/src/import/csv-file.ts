import { createReadStream, openSync, closeSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { BadInputError, FactoryError, messageOf } from '@factory/domain';
import { completeHeader } from './csv-header';
import { decodeText } from './decode-text';
import { findDelimiter } from './find-delimiter';

/** A quote that is never closed swallows the rest of the file; no honest row is as long. */
const MAX_ROW_CHARACTERS = 1_000_000;

export interface CsvSettings {
  readonly file: string;
  readonly encoding: string;
  /** Absent = found from the header. */
  readonly delimiter: string | undefined;
}

/** One row: its number (the first below the header is 1) and one text a column of the header. */
export interface CsvRow {
  readonly number: number;
  readonly values: readonly string[];
}

/**
 * Reads a CSV file row by row: plain or gzip, quotes, any line ends, without holding it in memory.
 *
 * @param onHeader called once, before the first row, with the names of the columns and what stands between them
 * @throws BadInputError `missing-file`, `broken-gzip`, `wrong-encoding`, `empty-file`, `no-delimiter`,
 *   `no-header`, `duplicate-header`, `ragged-row` or `broken-quotes`
 */
export async function* readCsv(
  settings: CsvSettings,
  onHeader: (header: readonly string[], delimiter: string) => void,
): AsyncGenerator<CsvRow> {
  const { file } = settings;
  const text = decodeText(openBytes(file), settings.encoding, file);
  const { first, rest } = await untilFirstLine(text);
  if (first.trim() === '') {
    throw new BadInputError('empty-file', {
      field: file,
      value: '',
      todo: 'give a file with a header and rows',
    });
  }
  const delimiter = settings.delimiter ?? findDelimiter(first, file);
  const parser = parse({
    delimiter,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MAX_ROW_CHARACTERS,
  });
  const source = Readable.from(rest);
  source.on('error', (error) => parser.destroy(error));
  let columns = 0;
  let number = 0;
  try {
    for await (const values of source.pipe(parser) as AsyncIterable<string[]>) {
      if (number === 0) {
        const header = completeHeader(values, file);
        columns = header.length;
        onHeader(header, delimiter);
      } else if (values.length === columns) {
        yield { number, values };
      } else {
        throw ragged(file, number, values.length, columns);
      }
      number++;
    }
  } catch (thrown) {
    throw readError(thrown, file);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** @throws BadInputError `missing-file` */
function openBytes(file: string): AsyncIterable<Buffer> {
  const magic = Buffer.alloc(2);
  try {
    const handle = openSync(file, 'r');
    readSync(handle, magic, 0, 2, 0);
    closeSync(handle);
  } catch (cause) {
    const todo = `name a file that can be read (${messageOf(cause)})`;
    throw new BadInputError('missing-file', { field: 'file', value: file, todo }, { cause });
  }
  const bytes = createReadStream(file, { highWaterMark: 1 << 18 });
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return bytes;
  const unzipped = createGunzip({ chunkSize: 1 << 18 });
  bytes.on('error', (error) => unzipped.destroy(error));
  return bytes.pipe(unzipped);
}

/** The text up to the end of the first line, and all of the text. */
async function untilFirstLine(
  text: AsyncGenerator<string>,
): Promise<{ first: string; rest: AsyncIterable<string> }> {
  let head = '';
  while (!/\S[^\r\n]*[\r\n]/.test(head)) {
    const next = await text.next();
    if (next.done) break;
    head += next.value;
  }
  async function* rest(): AsyncGenerator<string> {
    yield head;
    yield* text;
  }
  return { first: /\S[^\r\n]*/.exec(head)?.[0] ?? '', rest: rest() };
}

function ragged(file: string, number: number, found: number, expected: number): BadInputError {
  return new BadInputError('ragged-row', {
    field: `${file}, row ${number}`,
    value: `${found} values`,
    todo: `give it ${expected} values as the header has`,
  });
}

function readError(thrown: unknown, file: string): Error {
  if (thrown instanceof FactoryError) return thrown;
  if (thrown instanceof CsvError) {
    const value = `line ${Number(thrown['lines'] ?? 0)}: ${thrown.code}`;
    const todo = 'close or double its quotes';
    return new BadInputError('broken-quotes', { field: file, value, todo }, { cause: thrown });
  }
  const { code } = thrown as { code?: string };
  if (code?.startsWith('Z_')) {
    const todo = 'fetch or compress the file again: it cannot be unpacked to its end';
    return new BadInputError(
      'broken-gzip',
      { field: file, value: messageOf(thrown), todo },
      { cause: thrown },
    );
  }
  return new FactoryError('file-not-readable', `${file}: ${messageOf(thrown)}`, false, { cause: thrown });
}
