import { Ledger } from '../../sandbox/ledger.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';
import { bareReader } from './bare-reader.mjs';
import { isCount } from '../is-count.mjs';
import { cpuSeconds, longestStallMs, peakMebibytes } from '../measure/process-costs.mjs';

const USUAL_VISITS = 4_000_000;
const GOAL_SHARE = 0.09;
const SOURCE = 'client';
const TIMEOUT_MS = 60 * 60_000;
/** What a client of the usual size may take. */
const MOST = { samplingTimes: 2, evaluatorSeconds: 8, seconds: 95 };

/** Rows of `factory_stage` as stages of the table: a stage with several shards lasts from its first to its last. */
const STAGES = [
  { stage: 'data-prep', service: 'data-prep', of: ['data-prep'] },
  { stage: 'sampling', service: 'sampling', of: ['sampling'] },
  { stage: 'planning', service: 'trainer', of: ['trainer-plan'] },
  { stage: 'trials', service: 'trainer', of: ['trials', 'gather'] },
  { stage: 'evaluator', service: 'evaluator', of: ['evaluator'] },
  { stage: 'publisher', service: 'publisher', of: ['publisher'] },
];
const blank = { stage: '', seconds: null, cpuSeconds: null, peakMebibytes: null, longestStallMs: null };
const STAGE_TIMES = `
  SELECT stage, UNIX_TIMESTAMP(MIN(claimed_at)) AS started, UNIX_TIMESTAMP(MAX(settled_at)) AS ended
  FROM factory_stage WHERE run_id = ? GROUP BY stage`;

/** One large client from request to published model: seconds and peak of each stage. */
export const client = {
  summary:
    `a client of ${USUAL_VISITS / 1e6} million visits: seconds and peak of each stage beside a bare reader ` +
    `(in all at most ${MOST.seconds} s)`,
  options: {
    visits: { type: 'string', default: String(USUAL_VISITS) },
    grid: { type: 'string', default: 'standard' },
  },
  help: `  --visits N         that are simulated (default ${USUAL_VISITS}); fewer judge nothing
  --grid NAME        quick, standard or full (default standard)`,

  settingsOf({ visits: given, grid }) {
    const visits = Number(given);
    return {
      wrong: [
        ...(isCount(visits) ? [] : [`--visits ${given}: give a whole number of at least 1.`]),
        ...(['quick', 'standard', 'full'].includes(grid)
          ? []
          : [`--grid ${grid}: give quick, standard or full.`]),
      ],
      settings: { visits, grid },
    };
  },

  async run(sandbox, { say, visits, grid }) {
    say(`simulating ${visits} visits`);
    const shop = await sandbox.factoryJson(
      ...[
        'simulate',
        '--source',
        SOURCE,
        '--product',
        `1:${visits}:${GOAL_SHARE}`,
        '--reader',
        'reader_client',
      ],
    );
    sandbox.declare(shop);
    const services = await sandbox.startServices();
    const ends = await listenForEnds(sandbox.env.NATS_URL);
    const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
    try {
      for (const { port } of services) await longestStallMs(port);
      say('retraining');
      const request = { productId: 1, source: SOURCE, grid };
      const ended = await ends.request(request, { runs: 1, timeoutMs: TIMEOUT_MS });
      mustHaveVerdicts(ended);
      const [{ run, outcome }] = ended;
      const times = await ledger.rows(STAGE_TIMES, [run]);
      const costs = await costsOf(services);
      const rows = STAGES.map(({ stage, service, of }) => ({
        stage,
        ...spanOf(times, of),
        ...costs[service],
      }));
      say('reading the same rows with nothing behind it');
      const bare = await bareReader(sandbox, shop.connectionString, run);
      const seconds =
        Math.max(...times.map(({ ended: at }) => at)) - Math.min(...times.map(({ started }) => started));
      const secondsOf = (name) => rows.find(({ stage }) => stage === name).seconds;
      const samplingTimes = secondsOf('sampling') / bare.seconds;
      return {
        rows: [...rows, { ...blank, stage: 'bare reader', seconds: bare.seconds }],
        tables: [{ title: 'the bare reader', rows: bare.statements }],
        figures: { visits, drawnRows: bare.rows, grid, outcome, seconds },
        ratios: { 'sampling to the bare reader': samplingTimes },
        faults:
          visits >= USUAL_VISITS
            ? faultsOf({ samplingTimes, evaluatorSeconds: secondsOf('evaluator'), seconds })
            : [],
        notes: [
          `${bare.rows} drawn rows, ${grid} grid, ${outcome}: ${seconds.toFixed(1)} s from the first stage to the last.`,
          'processor time and peak (VmHWM) are those of the whole service process since it started; stall: the longest time that its main thread ' +
            'did not come to its timers.',
          'bare reader: the statements of the sampling stage that read rows, on the same tables with the same driver, ' +
            'and nothing is made of what they return.',
        ],
      };
    } finally {
      await Promise.all([ends.close(), ledger.close()]);
    }
  },
};

function faultsOf(figures) {
  return Object.entries(MOST).flatMap(([name, most]) =>
    figures[name] > most ? [`${name}: ${figures[name].toFixed(2)}, more than ${most}`] : [],
  );
}

function spanOf(times, stages) {
  const found = times.filter(({ stage }) => stages.includes(stage));
  const started = Math.min(...found.map((one) => one.started));
  return { seconds: Math.max(...found.map((one) => one.ended)) - started };
}

/** By service. */
async function costsOf(services) {
  const costs = await Promise.all(
    services.map(async ({ name, pid, port }) => [
      name,
      {
        cpuSeconds: cpuSeconds(pid),
        peakMebibytes: peakMebibytes(pid),
        longestStallMs: await longestStallMs(port),
      },
    ]),
  );
  return Object.fromEntries(costs);
}
