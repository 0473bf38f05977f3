import { cellText, rowsText } from './rows-text.mjs';

/** @import { BenchResult } from './bench.mjs' */

/**
 * A benchmark's result as text.
 *
 * @param {BenchResult} result
 */
export function resultText({ rows, tables = [], ratios = {}, notes = [], faults }) {
  return [
    '',
    ...(rows.length > 0 ? [rowsText(rows)] : []),
    ...tables.map((table) => `\n${table.title}\n${rowsText(table.rows)}`),
    ...Object.entries(ratios).map(([figure, ratio]) => `${figure}: ${cellText(ratio)} times`),
    ...notes.map((note) => `\n${note}`),
    ...faults.map((fault) => `\nNOT ENOUGH: ${fault}`),
  ].join('\n');
}
