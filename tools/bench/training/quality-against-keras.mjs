import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { realDataIn } from '../../demo/real-data.mjs';
import { LineProcess } from '../peers/line-process.mjs';
import { meanOf, welch } from '../measure/statistics.mjs';
import { PEERS } from '../peers/python.mjs';

const COMBINATION = {
  ...{ node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5, optimizer: 'adam', learningRate: 0.001 },
  ...{ lrAnnealing: 0.1, batchSize: 256, epochs: 50 },
};
/** A difference is one when it is both larger than noise and large enough to matter. */
const MOST_STANDARD_ERRORS = 3;
const MOST_DIFFERENCE = 0.002;

const CASES = [
  {
    source: 'shoppers',
    goalColumn: 'Revenue',
    exclude: [],
    categories: ['OperatingSystems', 'Browser', 'Region', 'TrafficType'],
  },
  { source: 'bank', goalColumn: 'y', exclude: ['duration', 'day'], categories: [] },
];

/**
 * Trains the same network on the same rows of both real data sets by the default engine and by Keras, with so many
 * seeds each, and compares ROC-AUC and log-loss on validation rows, both computed by scikit-learn.
 */
export async function trainingQuality({ python, folder, say, dataFolder, seeds }) {
  const files = realDataIn(dataFolder, say);
  if (files.length < CASES.length)
    return { table: { title: 'quality', rows: [] }, faults: [`the data sets are not in ${dataFolder}`] };
  const { realDataset, writeMatrix } = createRequire(import.meta.url)(
    await bundleEntry('tools/bench/data/datasets.entry.mjs'),
  );
  const entry = await bundleEntry('tools/bench/training/engine-trials.entry.mjs');
  const start = (program) => new LineProcess(python, [join(PEERS, program)]);
  const engine = [new LineProcess(process.execPath, [entry])];
  const keras = Array.from({ length: availableParallelism() }, () => start('keras_trials.py'));
  const judge = start('metrics.py');
  const rows = [];
  try {
    for (const { source, ...columns } of CASES) {
      const { path: file } = files.find((one) => one.source === source);
      const data = join(folder, source);
      writeMatrix(await realDataset({ file, ...columns }), { folder: data, f1: 1, f0: 1 });
      const sides = {};
      for (const [side, processes] of Object.entries({ engine, keras })) {
        say(`${source}: ${seeds} trainings by ${side}`);
        sides[side] = await trainAll(processes, { judge, data, seeds, folder: join(data, side) });
      }
      rows.push(...['auc', 'logLoss'].map((figure) => compare(source, figure, sides)));
    }
  } finally {
    await Promise.all([...engine, ...keras, judge].map((one) => one.close()));
  }
  return {
    table: {
      title: `validation rows of real data after ${seeds} trainings each, batch ${COMBINATION.batchSize}: mean, standard deviation`,
      rows,
    },
    faults: rows.flatMap(({ data, figure, difference, standardError }) =>
      Math.abs(difference) > Math.max(MOST_DIFFERENCE, MOST_STANDARD_ERRORS * standardError)
        ? [
            `${data}: ${figure} differs from Keras' by ${difference.toFixed(4)} (+- ${standardError.toFixed(4)})`,
          ]
        : [],
    ),
  };
}

/** @returns auc and logLoss of each seed; the processes share the seeds among them */
async function trainAll(processes, { judge, data, seeds, folder }) {
  const loaded = await Promise.all(processes.map((one) => one.ask({ do: 'load', folder: data })));
  const left = Array.from({ length: seeds }, (_, at) => at + 1);
  const folders = left.map((seed) => join(folder, String(seed)));
  await Promise.all(
    processes.map(async (one) => {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
        const logits = folders[seed - 1];
        mkdirSync(logits, { recursive: true });
        await one.ask({ do: 'train', combination: COMBINATION, seed, logits });
      }
    }),
  );
  const figures = [];
  for (const logits of folders)
    figures.push(await judge.ask({ do: 'judge', folder: data, logits, part: 'validation' }));
  return { name: loaded[0].engine ?? 'keras', figures };
}

function compare(data, figure, { engine, keras }) {
  const ours = engine.figures.map((one) => one[figure]);
  const theirs = keras.figures.map((one) => one[figure]);
  const { difference, standardError, deviations } = welch(ours, theirs);
  const text = (values, deviation) => `${meanOf(values).toFixed(4)} (${deviation.toFixed(4)})`;
  return {
    data,
    figure,
    [engine.name]: text(ours, deviations[0]),
    keras: text(theirs, deviations[1]),
    difference,
    standardError,
  };
}
