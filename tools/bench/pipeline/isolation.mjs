import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';
import { median } from '../measure/statistics.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';
import { REQUESTS, TroubledSources } from './troubled-sources.mjs';

/**
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 *
 * @typedef {object} Retrain seconds
 * @property {number} seconds from request to end
 * @property {number} queuedSeconds of these waiting, where another source can delay it
 */

const MOST = 1.2;
/** Processes that have just started are slower. */
const WARM_UPS = 2;
/** From the retrain's request until the dying source stops answering: its runs are in progress. */
const DIES_AFTER_MS = 1_500;
const TIMEOUT_MS = 180_000;
/** Between two measurements, so that work in progress has ended. */
const IDLE_MS = 3_000;

/**
 * A healthy source's retrain beside sources that are unavailable in every way, compared with the same retrain alone.
 *
 * @type {Bench}
 */
export const isolation = {
  summary: `a healthy source's retrain beside a dead, a silent, a dying and a flapping one with ${REQUESTS} requests each (at most ${MOST} times as long as alone)`,
  options: { rounds: { type: 'string', default: '5' } },
  help: `  --rounds N         how often both are measured, alternately; the medians count (default 5)`,

  prepare(options) {
    const rounds = options.count('rounds');
    return (context) => measure(context, rounds);
  },
};

/**
 * @param {BenchContext} context
 * @param {number} rounds
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, rounds) {
  const sandbox = await openServers();
  await loadFleet(sandbox, { products: 1, policy: { epochs: 10 }, source: 'healthy' });
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const troubled = await TroubledSources.open(sandbox, ledger, say);
  await sandbox.startServices();
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  let seed = 0;
  const retrain = () => retrainHealthy(ends, ledger, ++seed);
  const rows = [];
  try {
    for (let at = 0; at < WARM_UPS; at++) say(`warm-up: ${(await retrain()).seconds.toFixed(1)} s`);
    for (let round = 1; round <= rounds; round++) {
      const alone = await retrain();
      await troubled.begin(IDLE_MS + DIES_AFTER_MS);
      const beside = await retrain();
      const waiting = await troubled.waiting();
      const steady = await retrain();
      await troubled.end();
      rows.push({ round, ...columns({ alone, beside, steady }), ...waiting });
      say(`round ${round}: ${[alone, beside, steady].map(({ seconds }) => seconds.toFixed(1)).join(', ')} s`);
    }
  } finally {
    await Promise.all([troubled.close(), ends.close(), ledger.close()]);
  }
  const ratios = {
    'as they become unavailable': ratioOf(rows, 'beside seconds'),
    'while they are unavailable': ratioOf(rows, 'steady seconds'),
  };
  return {
    rows,
    ratios,
    faults: Object.entries(ratios).flatMap(([when, ratio]) =>
      ratio > MOST ? [`${when}: ${ratio.toFixed(2)} times, more than ${MOST}`] : [],
    ),
    notes: [
      `ratios: medians of ${rounds} round(s), alone and beside, alternately, on the same services (one process each).`,
      'beside: from the moment the sources become unavailable; steady: the retrain after that. queued: ' +
        'time until the request was received, and between stages up to sampling, where another source can delay it.',
      `the requests of unavailable sources end after sampling, so they use no time of the trainer.`,
    ],
  };
}

/**
 * @param {EndsOfRuns} ends
 * @param {Ledger} ledger
 * @param {number} seed
 * @returns {Promise<Retrain>}
 */
async function retrainHealthy(ends, ledger, seed) {
  await sleep(IDLE_MS);
  const began = performance.now();
  const { run } = await ends.requestOne(
    { productId: 1, source: 'healthy', grid: 'full', seed: String(seed) },
    { timeoutMs: TIMEOUT_MS },
  );
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, queuedSeconds: await queuedSeconds(ledger, run, seconds) };
}

/**
 * The part of the total time that was not spent in the two stages that read sources, or after them.
 *
 * @param {Ledger} ledger
 * @param {string} run
 * @param {number} seconds from request to end
 */
async function queuedSeconds(ledger, run, seconds) {
  const [row] = await ledger.rows(
    `SELECT SUM(IF(s.stage IN ('data-prep', 'sampling'),
                   TIMESTAMPDIFF(MICROSECOND, s.claimed_at, s.settled_at), 0)) / 1e6 AS reading,
            TIMESTAMPDIFF(MICROSECOND, MAX(IF(s.stage = 'sampling', s.settled_at, NULL)),
                          MAX(r.finished_at)) / 1e6 AS rest
       FROM factory_run r JOIN factory_stage s ON s.run_id = r.run_id WHERE r.run_id = ?`,
    [run],
  );
  return Math.max(0, seconds - Number(row?.reading) - Number(row?.rest));
}

/** @param {{alone: Retrain, beside: Retrain, steady: Retrain}} measured */
function columns({ alone, beside, steady }) {
  return {
    'alone seconds': alone.seconds,
    'beside seconds': beside.seconds,
    'steady seconds': steady.seconds,
    'alone queuedSeconds': alone.queuedSeconds,
    'beside queuedSeconds': beside.queuedSeconds,
    'steady queuedSeconds': steady.queuedSeconds,
  };
}

/**
 * Ratio to the retrain alone, of the medians over all rounds.
 *
 * @param {readonly ReturnType<typeof columns>[]} rows
 * @param {'beside seconds' | 'steady seconds'} name
 */
function ratioOf(rows, name) {
  return median(rows.map((row) => row[name])) / median(rows.map((row) => row['alone seconds']));
}
