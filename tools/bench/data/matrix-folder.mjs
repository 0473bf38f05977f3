import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readShared } from './read-shared.mjs';

/**
 * A transformed dataset as files that programs in any language can read: features.f32 [rows, width] row-major,
 * labels.u8 and weights.f64 [rows], train.u32, validation.u32 and test.u32 (row numbers), matrix.json with width and
 * prior shift. Numbers are little-endian.
 *
 * @typedef {object} MatrixFolder
 * @property {Float32Array} features
 * @property {number} width
 * @property {Uint8Array} labels
 * @property {Float64Array} weights
 * @property {{train: Uint32Array, validation: Uint32Array, test: Uint32Array}} parts
 * @property {number} shift
 *
 * @typedef {object} MatrixRows what a training engine reads, with the test rows
 * @property {Float32Array} features
 * @property {number} width
 * @property {Uint8Array} labels
 * @property {Uint32Array} trainRows
 * @property {Uint32Array} validationRows
 * @property {Uint32Array} testRows
 */

/**
 * @param {string} folder created if missing
 * @param {MatrixFolder} matrix
 */
export function writeMatrixFolder(folder, { features, width, labels, weights, parts, shift }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'features.f32'), features);
  writeFileSync(join(folder, 'labels.u8'), labels);
  writeFileSync(join(folder, 'weights.f64'), weights);
  for (const [part, rows] of Object.entries(parts)) writeFileSync(join(folder, `${part}.u32`), rows);
  writeFileSync(join(folder, 'matrix.json'), JSON.stringify({ width, shift }));
}

/**
 * @param {string} folder
 * @returns {MatrixRows} on shared memory, as in the trainer
 */
export function readMatrixFolder(folder) {
  /** @param {string} file */
  const read = (file) => readShared(join(folder, file));
  return {
    features: new Float32Array(read('features.f32')),
    width: JSON.parse(readFileSync(join(folder, 'matrix.json'), 'utf8')).width,
    labels: new Uint8Array(read('labels.u8')),
    trainRows: new Uint32Array(read('train.u32')),
    validationRows: new Uint32Array(read('validation.u32')),
    testRows: new Uint32Array(read('test.u32')),
  };
}
