import { SeededRandom } from '@factory/engines';
import { datasetOf } from './dataset-of.mjs';

/** @import { Dataset } from '@factory/domain' */

/** Columns that are each informative about the goal. */
const TELLING = 12;

/**
 * Standard normal columns of which twelve and some of their products raise the probability of the goal; one row in nine is a goal.
 *
 * @param {{rows: number, width: number, f1: number, f0: number, seed: number}} options f1, f0: drawn shares of goals
 *   and of other visits
 * @returns {Dataset}
 */
export function syntheticDataset({ rows, width, f1, f0, seed }) {
  const random = new SeededRandom(seed, 'bench-grid');
  const columns = Array.from({ length: width }, () =>
    Float32Array.from({ length: rows }, () => random.normal()),
  );
  const weights = Array.from({ length: TELLING }, () => random.normal() * 0.5);
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    /** @param {number} at */
    const value = (at) => columns[at % width]?.[row] ?? NaN;
    const linear = weights.reduce((sum, weight, at) => sum + weight * value(at), 0);
    const logit = -3 + linear + 0.6 * value(12) * value(13) - 0.5 * value(14) * value(15);
    return Number(random.fraction() < 1 / (1 + Math.exp(-logit)));
  });
  const features = columns.map((values, at) => ({
    kind: /** @type {const} */ ('number'),
    name: `f${String(at + 1).padStart(3, '0')}`,
    values,
  }));
  return datasetOf(features, labels, (label) => 1 / (label === 1 ? f1 : f0));
}
