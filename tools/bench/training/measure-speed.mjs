import { join } from 'node:path';
import { mustRun } from '../../workspace/command.mjs';
import { PEERS } from '../peers/python.mjs';
import { openContestants, startPeer } from './contestants.mjs';
import { nameOf, tableRows } from './speed-table.mjs';
import { trainingFaults } from './thresholds.mjs';

/**
 * @import { LineProcess } from '../peers/line-process.mjs'
 * @import { Contestant } from './contestants.mjs'
 * @import { TrainingSettings } from './settings.mjs'
 * @import { MeasuredRound, Speed, TrainingRow } from './speed-table.mjs'
 *
 * @typedef {{size: number, library: string}} SgemmLimit how the machine's limit was measured
 */

const ROWS = 80_000;
/** Share of a core that a busy thread gets on an idle machine. */
const QUIET = 0.9;

/**
 * @param {{python: string, folder: string, say: (line: string) => void}} at
 * @param {TrainingSettings} settings
 */
export async function measureSpeed({ python, folder, say }, settings) {
  const { shapes, batches, workers, rounds, seconds, engines, nativeDir } = settings;
  const columns = [...new Set(shapes.map(({ features }) => String(features)))];
  await mustRun(python, ['-B', join(PEERS, 'synthetic_data.py'), folder, String(ROWS), ...columns]);
  const { contestants, absent } = await openContestants({ python, folder, wanted: engines, nativeDir });
  const sgemm = Array.from({ length: Math.max(...workers) }, () => startPeer(python, 'sgemm.py'));
  try {
    const limit = await prepareAll(sgemm);
    /** @type {TrainingRow[]} */
    const rows = [];
    for (const [at, shape] of shapes.entries())
      for (const batch of batches)
        for (const count of at === 0 ? workers : workers.filter((one) => one === 1)) {
          const setting = { shape, batch };
          for (const one of contestants) await one.prepare(setting, count);
          /** @type {MeasuredRound[]} */
          const measured = [];
          for (let round = 1; round <= rounds; round++)
            measured.push(await measureRound(contestants, sgemm.slice(0, count), seconds));
          rows.push(...tableRows(setting, count, measured));
          say(`${nameOf(shape)}, batch ${batch}, ${count} at a time: measured`);
        }
    return {
      rows,
      faults: trainingFaults(rows),
      notes: [
        notesOn(limit, rounds),
        ...disturbances(rows),
        ...absent.map(({ name, reason }) => `${name} does not load here: ${reason}`),
      ],
    };
  } finally {
    await Promise.all([...contestants, ...sgemm].map((one) => one.close()));
  }
}

/**
 * @param {readonly LineProcess[]} processes
 * @returns {Promise<SgemmLimit>} the same for all
 */
async function prepareAll(processes) {
  /** @type {SgemmLimit} */
  let limit = { size: 0, library: '' };
  for (const one of processes) limit = await one.ask({ do: 'prepare' });
  return limit;
}

/**
 * One turn of each contestant, one after the other; the machine's limit first.
 *
 * @param {readonly Contestant[]} contestants
 * @param {readonly LineProcess[]} limits
 * @param {number} seconds
 * @returns {Promise<MeasuredRound>}
 */
async function measureRound(contestants, limits, seconds) {
  const products = await Promise.all(
    limits.map((one) => {
      /** @type {Promise<{gflops: number}>} */
      const turn = one.ask({ do: 'turn', seconds: seconds / 2 });
      return turn;
    }),
  );
  /** @type {Map<string, Speed>} */
  const turns = new Map();
  for (const one of contestants) turns.set(one.name, await one.turn(seconds));
  return { sgemm: products.reduce((sum, { gflops }) => sum + gflops, 0), turns };
}

/**
 * An engine computes all the time: the share of a core that it did not get was used by other processes.
 *
 * @param {readonly TrainingRow[]} rows
 */
function disturbances(rows) {
  const shares = rows
    .filter(({ engine }) => engine.startsWith('kernel'))
    .map(({ cores, workers }) => cores / workers);
  const least = Math.min(...shares, 1);
  if (least >= QUIET) return [];
  return [
    `The machine was not quiet: a kernel got ${least.toFixed(2)} of a core. Ratios of such rounds are unreliable; run it again.`,
  ];
}

/**
 * @param {SgemmLimit} limit
 * @param {number} rounds
 */
function notesOn({ size, library }, rounds) {
  return [
    `${ROWS} train rows, dropout .5 and .5, Adam, binary cross-entropy; medians of ${rounds} round(s), in each`,
    'in which all took a turn one after the other; ratios are computed within a round, then their median.',
    'The time of engines includes drawing an epoch’s order; that of tf-function and jax-scan does not. Peers are limited',
    'to one thread by their own settings, not to a core: what they used is under cores.',
    'gflops: 2 x (3 x the sum of inputs x units over all layers - that of the first) per row.',
    `ofSgemm: share of what sgemm of ${size} x ${size} reaches on as many threads, ${library}, in the same round.`,
  ].join('\n');
}
