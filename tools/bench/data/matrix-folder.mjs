import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A transformed dataset as files that programs in any language read: features.f32 [rows, width] row-major,
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
 */

/** @param {string} folder made when absent @param {MatrixFolder} matrix */
export function writeMatrixFolder(folder, { features, width, labels, weights, parts, shift }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'features.f32'), features);
  writeFileSync(join(folder, 'labels.u8'), labels);
  writeFileSync(join(folder, 'weights.f64'), weights);
  for (const [part, rows] of Object.entries(parts)) writeFileSync(join(folder, `${part}.u32`), rows);
  writeFileSync(join(folder, 'matrix.json'), JSON.stringify({ width, shift }));
}

/** @returns what a training engine reads, with the test rows */
export function readMatrixFolder(folder) {
  const read = (file, Values) => {
    const bytes = readFileSync(join(folder, file));
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return new Values(shared.buffer);
  };
  return {
    features: read('features.f32', Float32Array),
    width: JSON.parse(readFileSync(join(folder, 'matrix.json'), 'utf8')).width,
    labels: read('labels.u8', Uint8Array),
    trainRows: read('train.u32', Uint32Array),
    validationRows: read('validation.u32', Uint32Array),
    testRows: read('test.u32', Uint32Array),
  };
}
