import { median } from '../measure/median.mjs';
import { KERAS, STRONG_PEERS } from './contestants.mjs';

/**
 * One line of the table; ratios are null where the other was not measured.
 *
 * @typedef {object} TrainingRow
 * @property {string} shape features x node1 - node2
 * @property {number} batch
 * @property {number} workers
 * @property {string} engine
 * @property {number} thousandRows a second, all workers, median of the rounds
 * @property {string} range of the rounds
 * @property {number} gflops floating-point operations of the matrix products, 10^9 a second
 * @property {number} ofSgemm share of what the same cores reach in OpenBLAS's sgemm
 * @property {number | null} timesKeras median of the rounds' ratios
 * @property {number | null} timesPeer to the fastest of the strong peers in each round
 * @property {number} cores processor seconds by seconds
 */

/**
 * Operations of the matrix products of one train row: forward, and backward to weights and to inputs of each layer,
 * but not to the inputs of the first; a product and a sum each.
 */
export function operationsOfRow({ features, node1, node2 }) {
  const first = features * node1;
  return 2 * (3 * (first + node1 * node2 + node2) - first);
}

/**
 * Lines of one setting, one an engine.
 *
 * @param {{shape: object, batch: number}} setting
 * @param {number} workers
 * @param {{sgemm: number, turns: Record<string, {rowsPerSecond: number, cores: number}>}[]} rounds
 * @returns {TrainingRow[]}
 */
export function tableRows({ shape, batch }, workers, rounds) {
  const operations = operationsOfRow(shape);
  return Object.keys(rounds[0].turns).map((engine) => {
    const speeds = rounds.map(({ turns }) => turns[engine].rowsPerSecond);
    const range = [Math.min(...speeds), Math.max(...speeds)].map((one) => (one / 1_000).toFixed(0));
    return {
      shape: nameOf(shape),
      batch,
      workers,
      engine,
      thousandRows: median(speeds) / 1_000,
      range: range.join('-'),
      gflops: (median(speeds) * operations) / 1e9,
      ofSgemm: median(rounds.map(({ sgemm }, at) => (speeds[at] * operations) / 1e9 / sgemm)),
      timesKeras: pairedRatio(rounds, engine, [KERAS]),
      timesPeer: pairedRatio(rounds, engine, STRONG_PEERS),
      cores: median(rounds.map(({ turns }) => turns[engine].cores)),
    };
  });
}

export const nameOf = ({ features, node1, node2 }) => `${features}x${node1}-${node2}`;

/** Median over the rounds of the speed divided by the fastest other's in the same round. */
function pairedRatio(rounds, engine, others) {
  const measured = others.filter((name) => rounds[0].turns[name]);
  if (measured.length === 0) return null;
  return median(
    rounds.map(
      ({ turns }) =>
        turns[engine].rowsPerSecond / Math.max(...measured.map((name) => turns[name].rowsPerSecond)),
    ),
  );
}
