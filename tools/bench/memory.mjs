import { createRequire } from 'node:module';
import { bundleEntry } from '../bundle-entry.mjs';
import { isCount } from './is-count.mjs';
import { peakMebibytes } from './process-costs.mjs';

const USUAL_ROWS = 900_000;
const WIDTH = 100;
const DRAWN = { f1: 1, f0: 0.1 };
const MEBIBYTE = 1024 ** 2;
/** Most memory of the process, beside so many times the matrix. */
const MOST_TIMES = 1.3;
const MOST_BESIDE_BYTES = 100e6;

/** Peak memory of a trainer process that plans and trains on a large dataset. */
export const memory = {
  summary: `peak of a trainer on ${USUAL_ROWS} rows x ${WIDTH} (at most ${MOST_TIMES} times the matrix + 100 MB)`,
  options: { rows: { type: 'string', default: String(USUAL_ROWS) } },
  help: `  --rows N           of the dataset (default ${USUAL_ROWS}); fewer judge nothing`,

  settingsOf({ rows: given }) {
    const rows = Number(given);
    return {
      wrong: isCount(rows) ? [] : [`--rows ${given}: give a whole number of at least 1.`],
      settings: { rows },
    };
  },

  async run(sandbox, { say, rows }) {
    const load = async (entry) => createRequire(import.meta.url)(await bundleEntry(`tools/bench/${entry}`));
    const { syntheticDataset } = await load('datasets.entry.mjs');
    const { openTrainerRuns } = await load('trainer-runs.entry.mjs');
    const runs = await openTrainerRuns(sandbox.env);
    try {
      say(`writing ${rows} rows`);
      const dataset = await runs.putDataset(syntheticDataset({ rows, width: WIDTH, ...DRAWN, seed: 1 }));
      const [trainer] = await sandbox.startServices({ names: ['trainer'] });
      const idle = peakMebibytes(trainer.pid);
      say('training');
      const policy = { epochs: 1 };
      const { engine, trials, seconds } = await runs.trainGrid({ dataset, ...DRAWN, grid: 'quick', policy });
      const peak = peakMebibytes(trainer.pid);
      const matrixBytes = rows * WIDTH * Float32Array.BYTES_PER_ELEMENT;
      const most = (MOST_TIMES * matrixBytes + MOST_BESIDE_BYTES) / MEBIBYTE;
      return {
        rows: [
          {
            ...{ rows, width: WIDTH, engine, trials, seconds },
            matrixMebibytes: matrixBytes / MEBIBYTE,
            idleMebibytes: idle,
            peakMebibytes: peak,
            mostMebibytes: most,
          },
        ],
        // A small matrix drowns in what the process itself takes.
        faults:
          rows >= USUAL_ROWS && peak > most
            ? [`peak of ${peak.toFixed(0)} MiB, more than ${most.toFixed(0)}`]
            : [],
        notes: [
          'peak: VmHWM of the whole process, planning and one epoch of each trial of the quick grid included.',
        ],
      };
    } finally {
      await runs.close();
    }
  },
};
