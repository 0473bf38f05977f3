import { priorShift, rowsOf } from '@factory/domain';
import { applyTransform, fitTransform } from '@factory/normalisation';
import { writeMatrixFolder } from './matrix-folder.mjs';

/** @import { Dataset } from '@factory/domain' */

/**
 * Writes the data of a dataset that the trainer's trials see, for other programs to train on (matrix-folder.mjs).
 *
 * @param {Dataset} dataset
 * @param {{folder: string, f1: number, f0: number}} options
 */
export function writeMatrix(dataset, { folder, f1, f0 }) {
  const transform = fitTransform(dataset.features, rowsOf(dataset, 'train'));
  const every = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
  const { matrix, width } = applyTransform(transform, dataset.features, every);
  const parts = {
    train: rowsOf(dataset, 'train'),
    validation: rowsOf(dataset, 'validation'),
    test: rowsOf(dataset, 'test'),
  };
  const { labels, weights } = dataset;
  writeMatrixFolder(folder, { features: matrix, width, labels, weights, parts, shift: priorShift(f1, f0) });
  return { transform, rows: dataset.rows, width, trainRows: parts.train.length };
}
