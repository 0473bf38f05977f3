import { Ledger } from '../../sandbox/ledger.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';
import { isCount } from '../is-count.mjs';
import { cpuSeconds, longestStallMs, peakMebibytes } from '../measure/process-costs.mjs';
import { makeWideShop } from './wide-shop.mjs';

const USUAL = { rows: 1_120_000, width: 100 };
const MEBIBYTE = 1024 ** 2;
const TIMEOUT_MS = 60 * 60_000;

/**
 * Most memory of a process of each service, MiB. `dataset`: the features alone as float32; `matrix`: of the rows that
 * trials use.
 */
const MOST = {
  sampling: () => 900,
  trainer: ({ matrix }) => 1.3 * matrix + 95,
  evaluator: ({ dataset }) => dataset + 150,
  publisher: () => 250,
};

/** Peak memory of every service while one run passes through it. */
export const memory = {
  summary: `peak of every service at ${USUAL.rows} rows x ${USUAL.width} columns`,
  options: {
    rows: { type: 'string', default: String(USUAL.rows) },
    width: { type: 'string', default: String(USUAL.width) },
  },
  help: `  --rows N           of the dataset (default ${USUAL.rows}); fewer, or fewer columns, judge nothing
  --width N          feature columns (default ${USUAL.width}, at most 900)`,

  settingsOf({ rows: rowsGiven, width: widthGiven }) {
    const [rows, width] = [Number(rowsGiven), Number(widthGiven)];
    return {
      wrong: [
        ...(isCount(rows) ? [] : [`--rows ${rowsGiven}: give a whole number of at least 1.`]),
        ...(isCount(width) && width <= 900
          ? []
          : [`--width ${widthGiven}: give a whole number from 1 to 900.`]),
      ],
      settings: { rows, width },
    };
  },

  async run(sandbox, { say, rows, width }) {
    say(`making ${rows} visits with ${width} columns`);
    const source = await makeWideShop(sandbox, { rows, width });
    const services = await sandbox.startServices();
    const idle = Object.fromEntries(services.map(({ name, pid }) => [name, peakMebibytes(pid)]));
    for (const { port } of services) await longestStallMs(port);
    const ends = await listenForEnds(sandbox.env.NATS_URL);
    const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
    try {
      say('retraining');
      const ended = await ends.request(
        { productId: 1, source, grid: 'quick' },
        { runs: 1, timeoutMs: TIMEOUT_MS },
      );
      mustHaveVerdicts(ended);
      const found = await sizesOf(ledger, ended[0].run, width);
      const judges = rows >= USUAL.rows && width >= USUAL.width;
      const table = [];
      for (const { name, pid, port } of services) {
        table.push({
          service: name,
          idleMebibytes: idle[name],
          peakMebibytes: peakMebibytes(pid),
          mostMebibytes: MOST[name]?.(found) ?? null,
          cpuSeconds: cpuSeconds(pid),
          longestStallMs: await longestStallMs(port),
        });
      }
      return {
        rows: table,
        figures: { ...found, width, outcome: ended[0].outcome },
        faults: judges ? faultsOf(table) : [],
        notes: [
          `${found.rows} rows x ${width} columns, ${found.dataset.toFixed(0)} MiB as float32, of which ` +
            `${found.matrix.toFixed(0)} MiB for trials; dataset.arrow ${found.file.toFixed(0)} MiB.`,
          'peak: VmHWM of the whole process of each service, with the memory settings of its image, while one run ' +
            'passed through; of the trainer planning and one epoch of each trial of the quick grid.',
        ],
      };
    } finally {
      await Promise.all([ends.close(), ledger.close()]);
    }
  },
};

/** Sizes of the drawn dataset, MiB. */
async function sizesOf(ledger, run, width) {
  const [{ output }] = await ledger.rows(
    "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'sampling'",
    [run],
  );
  const { dataset, counts } = JSON.parse(output);
  const [trialRows, lateRows] = [counts.drawn, counts.outOfTime].map(({ goals, others }) => goals + others);
  const mebibytes = (rows) => (rows * width * Float32Array.BYTES_PER_ELEMENT) / MEBIBYTE;
  return {
    rows: trialRows + lateRows,
    dataset: mebibytes(trialRows + lateRows),
    matrix: mebibytes(trialRows),
    file: dataset.bytes / MEBIBYTE,
  };
}

function faultsOf(table) {
  return table.flatMap(({ service, peakMebibytes: peak, mostMebibytes: most }) =>
    most !== null && peak > most
      ? [`${service}: peak of ${peak.toFixed(0)} MiB, more than ${most.toFixed(0)}`]
      : [],
  );
}
