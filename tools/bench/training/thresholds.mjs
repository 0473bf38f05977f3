import { KERAS } from './peer-names.mjs';

/**
 * @import { TrainingRow } from './speed-table.mjs'
 *
 * @typedef {object} LeastRatios
 * @property {number} [peer] ratio to the strongest peer
 * @property {Readonly<Record<number, number>>} keras ratio to Keras `fit` by batch size
 */

const MAIN_SHAPE = '50x64-32';
const WIDE_SHAPE = '400x128-64';

/**
 * Minimum paired ratios for the main shape with one worker.
 *
 * @type {Readonly<Record<string, LeastRatios>>}
 */
const LEAST = {
  'kernel-avx512': { peer: 2, keras: { 32: 25, 256: 12, 1024: 5 } },
  'kernel-avx2': { peer: 1.7, keras: { 32: 20, 256: 10, 1024: 4 } },
  'kernel-wasm': { keras: { 32: 12, 256: 3, 1024: 1.3 } },
};
/** Native kernels, fastest first: the first one that was measured is this machine's best. */
const NATIVE = ['kernel-avx512', 'kernel-avx2', 'kernel-sse', 'kernel-neon'];
const LEAST_OF_SGEMM = 0.5;

/**
 * The targets that the measured figures miss.
 *
 * @param {readonly TrainingRow[]} rows
 * @returns {string[]}
 */
export function trainingFaults(rows) {
  const single = rows.filter(({ workers }) => workers === 1);
  return [...ratioFaults(single.filter(({ shape }) => shape === MAIN_SHAPE)), ...limitFaults(single)];
}

/** @param {readonly TrainingRow[]} rows */
function ratioFaults(rows) {
  return rows.flatMap(({ engine, batch, timesKeras, timesPeer }) => {
    const least = LEAST[engine];
    const where = `${engine} at ${MAIN_SHAPE}, batch ${batch}`;
    return [
      ...tooLow(`${where}: times the strongest peer`, timesPeer, least?.peer),
      ...tooLow(`${where}: times ${KERAS}`, timesKeras, least?.keras[batch]),
    ];
  });
}

/**
 * The wide network's best batch size counts: small batches can't keep the multipliers busy.
 *
 * @param {readonly TrainingRow[]} rows
 */
function limitFaults(rows) {
  const wide = rows.filter(({ shape }) => shape === WIDE_SHAPE);
  const best = NATIVE.find((name) => wide.some(({ engine }) => engine === name));
  if (!best) return [];
  const share = Math.max(...wide.filter(({ engine }) => engine === best).map(({ ofSgemm }) => ofSgemm));
  return tooLow(`${best} at ${WIDE_SHAPE}: share of the sgemm limit`, share, LEAST_OF_SGEMM);
}

/**
 * @param {string} figure
 * @param {number | null} value null: not measured
 * @param {number | undefined} least undefined: no target
 */
function tooLow(figure, value, least) {
  if (value === null || least === undefined || value >= least) return [];
  return [`${figure}: ${value.toFixed(2)}, less than ${least}`];
}
