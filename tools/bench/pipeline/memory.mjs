import { Ledger } from '../../sandbox/ledger.mjs';
import { cpuSeconds, longestStallMs, peakMebibytes } from '../measure/process-costs.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';
import { makeWideShop } from './wide-shop.mjs';

/**
 * @import { DrawnCounts } from '@factory/contracts'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 *
 * @typedef {object} DatasetSizes of a drawn dataset
 * @property {number} rows
 * @property {number} dataset MiB of the features alone as float32
 * @property {number} matrix MiB of the rows that trials use
 * @property {number} file MiB
 *
 * @typedef {{service: string, peakMebibytes: number, mostMebibytes: number | null}} Peak
 */

const USUAL = { rows: 1_120_000, width: 100 };
const MOST_WIDTH = 900;
const MEBIBYTE = 1024 ** 2;
const TIMEOUT_MS = 60 * 60_000;

/**
 * Maximum memory of a process of each service, MiB.
 *
 * @type {Readonly<Record<string, (sizes: DatasetSizes) => number>>}
 */
const MOST = {
  sampling: () => 900,
  trainer: ({ matrix }) => 1.3 * matrix + 95,
  evaluator: ({ dataset }) => dataset + 150,
  publisher: () => 250,
};

/**
 * Peak memory of every service while it processes one run.
 *
 * @type {Bench}
 */
export const memory = {
  summary: `peak of every service at ${USUAL.rows} rows x ${USUAL.width} columns`,
  options: {
    rows: { type: 'string', default: String(USUAL.rows) },
    width: { type: 'string', default: String(USUAL.width) },
  },
  help: `  --rows N           of the dataset (default ${USUAL.rows}); with fewer, or fewer columns, no target is checked
  --width N          feature columns (default ${USUAL.width}, at most ${MOST_WIDTH})`,

  prepare(options) {
    const [rows, width] = [options.count('rows'), options.count('width', MOST_WIDTH)];
    return (context) => measure(context, { rows, width });
  },
};

/**
 * @param {BenchContext} context
 * @param {{rows: number, width: number}} settings
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, { rows, width }) {
  const sandbox = await openServers();
  say(`making ${rows} visits with ${width} columns`);
  const source = await makeWideShop(sandbox, { rows, width });
  const services = await sandbox.startServices();
  const idle = new Map(services.map(({ name, pid }) => [name, peakMebibytes(pid)]));
  for (const { port } of services) await longestStallMs(port);
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  try {
    say('retraining');
    const { run, outcome } = await ends.requestOne(
      { productId: 1, source, grid: 'quick' },
      { timeoutMs: TIMEOUT_MS },
    );
    const found = await sizesOf(ledger, run, width);
    const table = [];
    for (const { name, pid, port } of services) {
      table.push({
        service: name,
        idleMebibytes: idle.get(name) ?? null,
        peakMebibytes: peakMebibytes(pid),
        mostMebibytes: MOST[name]?.(found) ?? null,
        cpuSeconds: cpuSeconds(pid),
        longestStallMs: await longestStallMs(port),
      });
    }
    const judges = rows >= USUAL.rows && width >= USUAL.width;
    return {
      rows: table,
      figures: { ...found, width, outcome },
      faults: judges ? memoryFaults(table) : [],
      notes: [
        `${found.rows} rows x ${width} columns, ${found.dataset.toFixed(0)} MiB as float32, including ` +
          `${found.matrix.toFixed(0)} MiB for trials; dataset.arrow ${found.file.toFixed(0)} MiB.`,
        'peak: VmHWM of the whole process of each service, with the memory settings of its image, while one run ' +
          'was processed; for the trainer: planning, and one epoch of each trial of the quick grid.',
      ],
    };
  } finally {
    await Promise.all([ends.close(), ledger.close()]);
  }
}

/**
 * @param {Ledger} ledger
 * @param {string} run
 * @param {number} width
 * @returns {Promise<DatasetSizes>}
 */
async function sizesOf(ledger, run, width) {
  const output = await ledger.value(
    "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'sampling'",
    [run],
  );
  /** @type {{dataset: {bytes: number}, counts: DrawnCounts}} */
  const { dataset, counts } = JSON.parse(String(output));
  const trialRows = counts.drawn.goals + counts.drawn.others;
  const lateRows = counts.outOfTime.goals + counts.outOfTime.others;
  /** @param {number} rows */
  const mebibytes = (rows) => (rows * width * Float32Array.BYTES_PER_ELEMENT) / MEBIBYTE;
  return {
    rows: trialRows + lateRows,
    dataset: mebibytes(trialRows + lateRows),
    matrix: mebibytes(trialRows),
    file: dataset.bytes / MEBIBYTE,
  };
}

/**
 * @param {readonly Peak[]} table
 * @returns {string[]}
 */
export function memoryFaults(table) {
  return table.flatMap(({ service, peakMebibytes: peak, mostMebibytes: most }) =>
    most !== null && peak > most
      ? [`${service}: peak of ${peak.toFixed(0)} MiB, more than ${most.toFixed(0)}`]
      : [],
  );
}
