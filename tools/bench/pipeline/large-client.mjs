import { GRIDS } from '../../sandbox/retrain.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';
import { cpuSeconds, longestStallMs, peakMebibytes } from '../measure/process-costs.mjs';
import { bareReader } from './bare-reader.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';

/**
 * @import { GridName } from '@factory/domain'
 * @import { ServiceProcess } from '../../sandbox/service-process.mjs'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 *
 * @typedef {{stage: string, started: number, ended: number}} StageTime seconds since the epoch
 */

const USUAL_VISITS = 4_000_000;
const GOAL_SHARE = 0.09;
const SOURCE = 'client';
const TIMEOUT_MS = 60 * 60_000;
/** Limits for a client of the usual size. */
const MOST = { samplingTimes: 2, evaluatorSeconds: 8, seconds: 95 };

/** Rows of `factory_stage` grouped to the stages of the table: a stage with several shards lasts from the first to the last. */
const STAGES = [
  { stage: 'data-prep', service: 'data-prep', of: ['data-prep'] },
  { stage: 'sampling', service: 'sampling', of: ['sampling'] },
  { stage: 'planning', service: 'trainer', of: ['trainer-plan'] },
  { stage: 'trials', service: 'trainer', of: ['trials', 'gather'] },
  { stage: 'evaluator', service: 'evaluator', of: ['evaluator'] },
  { stage: 'publisher', service: 'publisher', of: ['publisher'] },
];
const NO_COSTS = { cpuSeconds: null, peakMebibytes: null, longestStallMs: null };
const STAGE_TIMES = `
  SELECT stage, UNIX_TIMESTAMP(MIN(claimed_at)) AS started, UNIX_TIMESTAMP(MAX(settled_at)) AS ended
  FROM factory_stage WHERE run_id = ? GROUP BY stage`;

/**
 * One large client from request to published model: seconds and peak of each stage.
 *
 * @type {Bench}
 */
export const client = {
  summary:
    `a client of ${USUAL_VISITS / 1e6} million visits: seconds and peak of each stage, compared with a bare reader ` +
    `(at most ${MOST.seconds} s in total)`,
  options: {
    visits: { type: 'string', default: String(USUAL_VISITS) },
    grid: { type: 'string', default: 'standard' },
  },
  help: `  --visits N         simulated visits (default ${USUAL_VISITS}); with fewer, no target is checked
  --grid NAME        quick, standard or full (default standard)`,

  prepare(options) {
    const [visits, grid] = [options.count('visits'), options.oneOf('grid', GRIDS)];
    return (context) => measure(context, { visits, grid });
  },
};

/**
 * @param {BenchContext} context
 * @param {{visits: number, grid: GridName}} settings
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, { visits, grid }) {
  const sandbox = await openServers();
  say(`simulating ${visits} visits`);
  const shop = await sandbox.factory.simulate(
    ...['--source', SOURCE, '--product', `1:${visits}:${GOAL_SHARE}`, '--reader', 'reader_client'],
  );
  sandbox.declare(shop);
  const services = await sandbox.startServices();
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  try {
    for (const { port } of services) await longestStallMs(port);
    say('retraining');
    const request = { productId: 1, source: SOURCE, grid };
    const { run, outcome } = await ends.requestOne(request, { timeoutMs: TIMEOUT_MS });
    const times = await stageTimes(ledger, run);
    const costs = await costsOf(services);
    const rows = STAGES.map(({ stage, service, of }) => ({
      stage,
      seconds: spanOf(times, of),
      ...(costs.get(service) ?? NO_COSTS),
    }));
    say('reading the same rows without processing them');
    const bare = await bareReader(sandbox, sandbox.connectionOf(shop.connectionEnv), run);
    const figures = {
      samplingTimes: spanOf(times, ['sampling']) / bare.seconds,
      evaluatorSeconds: spanOf(times, ['evaluator']),
      seconds: spanOf(
        times,
        times.map(({ stage }) => stage),
      ),
    };
    const { seconds } = figures;
    return {
      rows: [...rows, { stage: 'bare reader', seconds: bare.seconds, ...NO_COSTS }],
      tables: [{ title: 'the bare reader', rows: bare.statements }],
      figures: { visits, drawnRows: bare.rows, grid, outcome, seconds },
      ratios: { 'sampling to the bare reader': figures.samplingTimes },
      faults: visits >= USUAL_VISITS ? clientFaults(figures) : [],
      notes: [
        `${bare.rows} drawn rows, ${grid} grid, ${outcome}: ${seconds.toFixed(1)} s from the first stage to the last.`,
        'processor time and peak (VmHWM) are those of the whole service process since it started; stall: the longest time that its main thread ' +
          'did not come to its timers.',
        'bare reader: the reading statements of the sampling stage, on the same tables with the same driver; ' +
          'the rows are discarded.',
      ],
    };
  } finally {
    await Promise.all([ends.close(), ledger.close()]);
  }
}

/** @param {Readonly<Record<keyof typeof MOST, number>>} figures */
export function clientFaults({ samplingTimes, evaluatorSeconds, seconds }) {
  return Object.entries({ samplingTimes, evaluatorSeconds, seconds }).flatMap(([name, value]) => {
    const most = MOST[/** @type {keyof typeof MOST} */ (name)];
    return value > most ? [`${name}: ${value.toFixed(2)}, more than ${most}`] : [];
  });
}

/**
 * @param {Ledger} ledger
 * @param {string} run
 * @returns {Promise<StageTime[]>}
 */
async function stageTimes(ledger, run) {
  const rows = await ledger.rows(STAGE_TIMES, [run]);
  return rows.map(({ stage, started, ended }) => ({
    stage: String(stage),
    started: Number(started),
    ended: Number(ended),
  }));
}

/**
 * From the start of the first of some stages to the end of the last, seconds.
 *
 * @param {readonly StageTime[]} times
 * @param {readonly string[]} stages
 */
export function spanOf(times, stages) {
  const found = times.filter(({ stage }) => stages.includes(stage));
  return Math.max(...found.map(({ ended }) => ended)) - Math.min(...found.map(({ started }) => started));
}

/**
 * By service.
 *
 * @param {readonly ServiceProcess[]} services
 */
async function costsOf(services) {
  /** @type {Map<string, {cpuSeconds: number, peakMebibytes: number, longestStallMs: number}>} */
  const costs = new Map();
  for (const { name, pid, port } of services)
    costs.set(name, {
      cpuSeconds: cpuSeconds(pid),
      peakMebibytes: peakMebibytes(pid),
      longestStallMs: await longestStallMs(port),
    });
  return costs;
}
