import { readCsv } from './csv-file';
import type { FileLimits } from './file-limits';
import type { VisitRows } from './visit-rows';

export interface CsvOptions {
  /** Default: detected from the header. */
  readonly delimiter?: string;
  /** Default utf-8. */
  readonly encoding?: string;
  /** The first line contains names, even if they look like values. */
  readonly header?: boolean;
  /** Default `FILE_LIMITS`. */
  readonly limits?: FileLimits;
}

/**
 * Opens a CSV file (with header, plain or gzip) for reading row by row; values are not parsed.
 *
 * @throws BadInputError as `readCsv`
 */
export async function openCsv(file: string, options: CsvOptions = {}): Promise<VisitRows> {
  let columns: readonly string[] = [];
  let delimiter = ',';
  const { encoding = 'utf-8' } = options;
  const records = readCsv(
    { file, encoding, delimiter: options.delimiter, isHeader: options.header, limits: options.limits },
    (header, found) => {
      columns = header;
      delimiter = found;
    },
  );
  const first = await records.next();
  return {
    format: 'csv',
    delimiter,
    columns,
    rows: async function* () {
      if (first.done) return;
      yield rowOf(columns, first.value.values);
      for await (const { values } of records) yield rowOf(columns, values);
    },
  };
}

function rowOf(columns: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? '']));
}
