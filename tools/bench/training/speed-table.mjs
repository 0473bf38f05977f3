import { median } from '../measure/statistics.mjs';
import { KERAS, STRONG_PEERS } from './peer-names.mjs';

/**
 * @import { NetworkShape } from './settings.mjs'
 *
 * @typedef {object} Speed of a turn
 * @property {number} rowsPerSecond of all workers
 * @property {number} cores processor seconds per second
 *
 * @typedef {object} MeasuredRound
 * @property {number} sgemm what the same cores reach in OpenBLAS's sgemm, 10^9 operations a second
 * @property {ReadonlyMap<string, Speed>} turns by engine or peer
 *
 * @typedef {object} TrainingRow one line of the table; ratios are null if the other was not measured
 * @property {string} shape features x node1 - node2
 * @property {number} batch
 * @property {number} workers
 * @property {string} engine
 * @property {number} thousandRows a second, all workers, median of the rounds
 * @property {string} range of the rounds
 * @property {number} gflops floating-point operations of the matrix products, 10^9 a second
 * @property {number} ofSgemm share of what the same cores reach in OpenBLAS's sgemm
 * @property {number | null} timesKeras median of the rounds' ratios
 * @property {number | null} timesPeer ratio to the fastest peer in each round
 * @property {number} cores processor seconds per second
 */

/**
 * Operations of the matrix products of one train row: forward, and backward to weights and to inputs of each layer,
 * but not to the inputs of the first; one multiplication and one addition each.
 *
 * @param {NetworkShape} shape
 */
export function operationsOfRow({ features, node1, node2 }) {
  const first = features * node1;
  return 2 * (3 * (first + node1 * node2 + node2) - first);
}

/**
 * Lines of one setting, one per engine.
 *
 * @param {{shape: NetworkShape, batch: number}} setting
 * @param {number} workers
 * @param {readonly MeasuredRound[]} rounds with the same engines in each
 * @returns {TrainingRow[]}
 */
export function tableRows({ shape, batch }, workers, rounds) {
  const operations = operationsOfRow(shape);
  const engines = new Set(rounds.flatMap(({ turns }) => [...turns.keys()]));
  return [...engines].map((engine) => {
    const turns = rounds.flatMap(({ sgemm, turns: all }) => {
      const turn = all.get(engine);
      return turn ? [{ ...turn, sgemm }] : [];
    });
    const speeds = turns.map(({ rowsPerSecond }) => rowsPerSecond);
    const range = [Math.min(...speeds), Math.max(...speeds)].map((one) => (one / 1_000).toFixed(0));
    return {
      shape: nameOf(shape),
      batch,
      workers,
      engine,
      thousandRows: median(speeds) / 1_000,
      range: range.join('-'),
      gflops: (median(speeds) * operations) / 1e9,
      ofSgemm: median(turns.map(({ rowsPerSecond, sgemm }) => (rowsPerSecond * operations) / 1e9 / sgemm)),
      timesKeras: pairedRatio(rounds, engine, [KERAS]),
      timesPeer: pairedRatio(rounds, engine, STRONG_PEERS),
      cores: median(turns.map(({ cores }) => cores)),
    };
  });
}

/** @param {NetworkShape} shape */
export function nameOf({ features, node1, node2 }) {
  return `${features}x${node1}-${node2}`;
}

/**
 * Median over the rounds of the speed divided by that of the fastest other in the same round.
 *
 * @param {readonly MeasuredRound[]} rounds
 * @param {string} engine
 * @param {readonly string[]} others
 */
function pairedRatio(rounds, engine, others) {
  const ratios = rounds.flatMap(({ turns }) => {
    const speeds = others.flatMap((name) => turns.get(name)?.rowsPerSecond ?? []);
    const own = turns.get(engine)?.rowsPerSecond;
    return speeds.length === 0 || own === undefined ? [] : [own / Math.max(...speeds)];
  });
  return ratios.length === 0 ? null : median(ratios);
}
