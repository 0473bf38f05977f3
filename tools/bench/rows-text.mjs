import Table from 'cli-table3';

/**
 * @import { Cell, Row } from './bench.mjs'
 */

/**
 * Rows with the same fields as a table; numbers rounded, null as a dash.
 *
 * @param {readonly Row[]} rows
 * @returns {string} empty if there are none
 */
export function rowsText(rows) {
  const [first] = rows;
  if (!first) return '';
  const columns = Object.keys(first);
  const table = new Table({ head: columns, style: { head: [], border: [] } });
  for (const row of rows) table.push(columns.map((column) => cellText(row[column])));
  return table.toString();
}

/**
 * Up to four significant digits for small numbers, no decimals for large ones.
 *
 * @param {Cell | undefined} value
 */
export function cellText(value) {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(4);
}
