import { compareBytes } from '@factory/domain';
import { cellReader, readCsv } from '@factory/rows';
import { datasetOf } from './dataset-of.mjs';

/**
 * @import { Column, Dataset } from '@factory/domain'
 *
 * @typedef {object} RealFile
 * @property {string} file CSV, plain or gzipped
 * @property {string} goalColumn yes or true: goal reached
 * @property {readonly string[]} exclude columns
 * @property {readonly string[]} categories columns of numbers that are category codes
 */

const YES = ['true', 'yes'];
const reader = cellReader();

/**
 * A real file as a dataset: all rows, unweighted; cells are parsed like in `factory import`.
 *
 * @param {RealFile} options
 * @returns {Promise<Dataset>}
 */
export async function realDataset({ file, goalColumn, exclude, categories }) {
  /** @type {readonly string[]} */
  let header = [];
  /** @type {(readonly string[])[]} */
  const rows = [];
  const csv = readCsv({ file, encoding: 'utf-8', delimiter: undefined }, (names) => (header = names));
  for await (const { values } of csv) rows.push(values);
  /** @param {string} name */
  const cellsOf = (name) => {
    const place = header.indexOf(name);
    return rows.map((values) => values[place] ?? '');
  };
  const labels = Uint8Array.from(cellsOf(goalColumn), (cell) => Number(YES.includes(cell.toLowerCase())));
  const features = header
    .filter((name) => name !== goalColumn && !exclude.includes(name))
    .map((name) => columnOf(name, cellsOf(name), categories.includes(name)));
  return datasetOf(features, labels, () => 1);
}

/**
 * A number column, unless a cell is not a number.
 *
 * @param {string} name
 * @param {readonly string[]} cells
 * @param {boolean} isCategory a category regardless of its cells
 * @returns {Column}
 */
function columnOf(name, cells, isCategory) {
  const numbers = cells.map((cell) => (reader.isMissing(cell) ? NaN : reader.number(cell)));
  if (!isCategory && !numbers.includes(undefined))
    return { kind: 'number', name, values: Float32Array.from(numbers, Number) };
  const levels = [...new Set(cells.filter((cell) => !reader.isMissing(cell)))].sort(compareBytes);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  return { kind: 'category', name, levels, codes: Int32Array.from(cells, (cell) => codeOf.get(cell) ?? -1) };
}
