import { compareBytes, markOf, MARKS, priorShift, rowsOf, hashFraction } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import { applyTransform, fitTransform } from '@factory/normalisation';
import { cellReader, readCsv } from '@factory/rows';
import { writeMatrixFolder } from './matrix-folder.mjs';

const YES = ['true', 'yes'];
const reader = cellReader();

/**
 * A real file as a dataset: all rows, none weighted.
 *
 * @param {{file: string, goalColumn: string, exclude: string[], categories: string[]}} options
 * @returns {Promise<import('@factory/domain').Dataset>}
 */
export async function realDataset({ file, goalColumn, exclude, categories }) {
  let header = [];
  const rows = [];
  for await (const { values } of readCsv({ file, encoding: 'utf-8' }, (names) => (header = names)))
    rows.push(values);
  const goalPlace = header.indexOf(goalColumn);
  const labels = Uint8Array.from(rows, (values) => Number(YES.includes(values[goalPlace].toLowerCase())));
  const features = header.flatMap((name, place) => {
    if (place === goalPlace || exclude.includes(name)) return [];
    const cells = rows.map((values) => values[place]);
    const isNumber = !categories.includes(name) && cells.every(isNumberOrMissing);
    return [isNumber ? numberColumn(name, cells) : categoryColumn(name, cells)];
  });
  return datasetOf(features, labels, () => 1);
}

/**
 * Standard normal columns of which twelve and some products of them make the goal likelier, one row in nine a goal.
 *
 * @param {{rows: number, width: number, f1: number, f0: number, seed: number}} options f1, f0: drawn shares of goals
 *   and of other visits
 * @returns {import('@factory/domain').Dataset}
 */
export function syntheticDataset({ rows, width, f1, f0, seed }) {
  const random = new SeededRandom(seed, 'bench-grid');
  const features = Array.from({ length: width }, (_, at) => ({
    kind: 'number',
    name: `f${String(at + 1).padStart(3, '0')}`,
    values: Float32Array.from({ length: rows }, () => random.normal()),
  }));
  const weights = Array.from({ length: 12 }, () => random.normal() * 0.5);
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const value = (at) => features[at % width].values[row];
    const linear = weights.reduce((sum, weight, at) => sum + weight * value(at), 0);
    const logit = -3 + linear + 0.6 * value(12) * value(13) - 0.5 * value(14) * value(15);
    return Number(random.fraction() < 1 / (1 + Math.exp(-logit)));
  });
  return datasetOf(features, labels, (label) => 1 / (label === 1 ? f1 : f0));
}

/**
 * Writes what the trainer's trials see of a dataset, for others to train on (matrix-folder.mjs).
 *
 * @param {import('@factory/domain').Dataset} dataset
 * @param {{folder: string, f1: number, f0: number}} options
 */
export function writeMatrix(dataset, { folder, f1, f0 }) {
  const transform = fitTransform(dataset.features, rowsOf(dataset, 'train'));
  const every = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
  const { matrix, width } = applyTransform(transform, dataset.features, every);
  const parts = Object.fromEntries(
    ['train', 'validation', 'test'].map((mark) => [mark, rowsOf(dataset, mark)]),
  );
  const { labels, weights } = dataset;
  writeMatrixFolder(folder, { features: matrix, width, labels, weights, parts, shift: priorShift(f1, f0) });
  return { transform, rows: dataset.rows, width, trainRows: parts.train.length };
}

function datasetOf(features, labels, weightOf) {
  const rows = labels.length;
  const ids = Array.from({ length: rows }, (_, row) => `1-${row + 1}`);
  return {
    rows,
    features,
    visitIds: ids,
    visitorIds: ids,
    visitTimes: new Float64Array(rows).fill(Date.UTC(2024, 0, 1)),
    labels,
    marks: Uint8Array.from(ids, (id) => MARKS.indexOf(markOf(hashFraction('bench', id)))),
    weights: Float64Array.from(labels, weightOf),
  };
}

function isNumberOrMissing(cell) {
  return reader.isMissing(cell) || reader.number(cell) !== undefined;
}

function numberColumn(name, cells) {
  const values = Float32Array.from(cells, (cell) => (reader.isMissing(cell) ? NaN : reader.number(cell)));
  return { kind: 'number', name, values };
}

function categoryColumn(name, cells) {
  const levels = [...new Set(cells.filter((cell) => !reader.isMissing(cell)))].sort(compareBytes);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  return { kind: 'category', name, levels, codes: Int32Array.from(cells, (cell) => codeOf.get(cell) ?? -1) };
}
