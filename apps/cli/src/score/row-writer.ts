import { cellOf, type RawRow } from '@factory/domain';
import type { VisitRows } from '@factory/rows';

/** Text of scored rows, to be written one after the other. */
export interface RowWriter {
  readonly begin: string;
  row(row: RawRow): string;
  end(): string;
}

/** @param columns of the CSV header, in order */
export function rowWriter(
  format: VisitRows['format'],
  columns: readonly string[],
  delimiter: string,
): RowWriter {
  if (format === 'csv') return csvWriter(columns, delimiter);
  return format === 'json'
    ? jsonWriter()
    : { begin: '', row: (row) => `${JSON.stringify(row)}\n`, end: () => '' };
}

function csvWriter(columns: readonly string[], delimiter: string): RowWriter {
  const line = (values: readonly RawRow[string][]): string =>
    `${values.map((value) => csvValue(value, delimiter)).join(delimiter)}\n`;
  return {
    begin: line(columns),
    row: (row) => line(columns.map((column) => cellOf(row, column))),
    end: () => '',
  };
}

function jsonWriter(): RowWriter {
  let rows = 0;
  return {
    begin: '[',
    row: (row) => `${rows++ === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`,
    end: () => (rows === 0 ? ']\n' : '\n]\n'),
  };
}

/** A scored row for people: the table of percentiles has steps of .1, so more digits would have no meaning. */
export function printedRow(row: RawRow): RawRow {
  return { ...row, percentile: Math.round(10 * Number(row['percentile'])) / 10 };
}

/** Quoted if necessary (RFC 4180). */
export function csvValue(value: RawRow[string], delimiter: string): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const needsQuotes = text.includes(delimiter) || /["\r\n]/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
