import { cellOf, type RawRow } from '@factory/domain';
import type { VisitRows } from '@factory/rows';

/** Text of scored rows, to be written one after the other. */
export interface RowWriter {
  readonly begin: string;
  row(row: RawRow): string;
  end(): string;
}

/**
 * @param columns of the CSV header, in order
 * @param spreadsheet whether cells of a CSV that a spreadsheet would take for formulas are made text
 */
export function rowWriter(
  format: VisitRows['format'],
  columns: readonly string[],
  delimiter: string,
  spreadsheet = false,
): RowWriter {
  if (format === 'csv') return csvWriter(columns, delimiter, spreadsheet ? withoutFormula : (value) => value);
  return format === 'json'
    ? jsonWriter()
    : { begin: '', row: (row) => `${JSON.stringify(row)}\n`, end: () => '' };
}

type Value = RawRow[string];

function csvWriter(columns: readonly string[], delimiter: string, shown: (value: Value) => Value): RowWriter {
  const line = (values: readonly Value[]): string =>
    `${values.map((value) => csvValue(shown(value), delimiter)).join(delimiter)}\n`;
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

const FORMULA = /^[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/u;
const NUMBER = /^\s*[+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?\s*%?\s*$/i;

/** A text that begins like a formula gets an apostrophe, by which spreadsheets know text; numbers stay as they are. */
export function withoutFormula(value: Value): Value {
  return typeof value === 'string' && FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
}

/** Quoted if necessary (RFC 4180). */
export function csvValue(value: Value, delimiter: string): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const needsQuotes = text.includes(delimiter) || /["\r\n]/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
