import Table from 'cli-table3';

/** Rows of one shape as a table; numbers short, null as a dash. */
export function printRows(rows) {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]);
  const table = new Table({ head: columns, style: { head: [], border: [] } });
  for (const row of rows) table.push(columns.map((column) => textOf(row[column])));
  console.log(table.toString());
}

/** Up to four significant digits behind the point for small numbers, none for large ones. */
export function textOf(value) {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(4);
}
