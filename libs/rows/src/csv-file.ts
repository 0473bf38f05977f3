import { BadInputError, FactoryError, messageOf } from '@factory/domain';
import { CsvError, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { completeHeader } from './csv-header';
import { decodeText } from './decode-text';
import { checkColumns, FILE_LIMITS, rowTooLong, type FileLimits } from './file-limits';
import { columnsIn, findDelimiter } from './find-delimiter';
import { openBytes } from './open-bytes';
import { readPreamble } from './preamble';

export interface CsvSettings {
  readonly file: string;
  readonly encoding: string;
  /** Absent = declared by the file (`sep=;`), otherwise detected from the header. */
  readonly delimiter: string | undefined;
  /** The first line contains names, even if they look like values. */
  readonly isHeader?: boolean | undefined;
  /** Default `FILE_LIMITS`. */
  readonly limits?: FileLimits | undefined;
}

/** One row: its number (the first after the header is 1) and one text per column of the header. */
export interface CsvRow {
  readonly number: number;
  readonly values: readonly string[];
}

/** Called before the first row. */
export type OnHeader = (header: readonly string[], delimiter: string, unnamed: readonly string[]) => void;

/**
 * Reads a CSV file row by row: plain or gzip, quotes, any line ends, without loading it into memory. Empty
 * lines, comments (`#`) above the header and a line `sep=;` are skipped.
 *
 * @param onHeader called once, before the first row, with the names of the columns, the delimiter, and the
 * names that were generated for columns without one
 * @throws BadInputError `missing-file`, `unsupported-file`, `broken-gzip`, `wrong-encoding`, `nul-byte`,
 * `empty-file`, `no-delimiter`, `no-header`, `duplicate-header`, `ragged-row`, `row-too-long`, `too-many-columns`,
 * `file-too-large` or
 * `broken-quotes`
 */
export async function* readCsv(settings: CsvSettings, onHeader: OnHeader): AsyncGenerator<CsvRow> {
  const { file, limits = FILE_LIMITS } = settings;
  const text = decodeText(openBytes(file, limits), settings.encoding, file);
  const preamble = await readPreamble(text, (line) => columnsIn(line, settings.delimiter), file, limits);
  const { headerLine, skippedLines } = preamble;
  if (headerLine.trim() === '') {
    const todo = 'give a file with a header and rows';
    throw new BadInputError('empty-file', { field: file, value: '', todo });
  }
  refuseMarkup(file, headerLine);
  const delimiter = settings.delimiter ?? preamble.delimiter ?? findDelimiter(headerLine, file);
  let lastLine = skippedLines;
  let columns = 0;
  let parsed = 0;
  // Called when a row is parsed, while its line is known; rows may be returned later.
  const checkRow = (values: string[], { lines }: { readonly lines: number }): string[] => {
    lastLine = skippedLines + lines;
    if (columns === 0) columns = values.length;
    else if (values.length !== columns) throw ragged(file, parsed, lastLine, values.length, columns);
    parsed++;
    return values;
  };
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    relax_column_count: true,
    // A quote that is never closed would include the rest of the file.
    max_record_size: limits.rowCharacters,
    on_record: checkRow,
  });
  const source = Readable.from(preamble.rest);
  source.on('error', (error) => parser.destroy(error));
  let number = 0;
  try {
    for await (const values of source.pipe(parser) as AsyncIterable<string[]>) {
      if (number === 0) {
        checkColumns(`${file}, first line`, values.length, limits);
        const header = completeHeader(values, settings);
        onHeader(
          header,
          delimiter,
          header.filter((_, at) => values[at]?.trim() === ''),
        );
      } else {
        yield { number, values };
      }
      number++;
    }
  } catch (thrown) {
    throw readError(thrown, file, lastLine + 1, limits);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/**
 * Pages that a server sends instead of a file, and files of another kind, are recognised by their beginning.
 */
function refuseMarkup(file: string, firstLine: string): void {
  const begin = firstLine.trimStart();
  const value = /^<(?:!doctype|html|\?xml)/i.test(begin)
    ? 'a web page or XML file'
    : /^(?:\{\s*"|\[\s*[[{"]|[[{]\s*$)/.test(begin)
      ? 'a JSON file'
      : undefined;
  if (value === undefined) return;
  throw new BadInputError('unsupported-file', { field: file, value, todo: 'give a CSV file with a header' });
}

function ragged(file: string, number: number, line: number, found: number, expected: number): BadInputError {
  return new BadInputError('ragged-row', {
    field: `${file}, row ${number} (line ${line})`,
    value: `${found} values`,
    todo: `give it ${expected} values as the header has: quote values that contain the delimiter or a line end`,
  });
}

function readError(thrown: unknown, file: string, line: number, limits: FileLimits): Error {
  if (thrown instanceof FactoryError) return thrown;
  if (!(thrown instanceof CsvError)) {
    return new FactoryError('file-not-readable', `${file}: ${messageOf(thrown)}`, false, { cause: thrown });
  }
  const field = `${file}, line ${line}`;
  if (thrown.code === 'CSV_MAX_RECORD_SIZE') return rowTooLong(field, limits, thrown);
  const value =
    thrown.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote that is never closed' : 'a quote inside a value';
  const todo = 'close the quotes of the value, and double those inside';
  return new BadInputError('broken-quotes', { field, value, todo }, { cause: thrown });
}
