import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { realDataIn } from '../../demo/real-data.mjs';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { loadEntry } from '../../packing/load-entry.mjs';
import { meanOf, welch } from '../measure/statistics.mjs';
import { Judge } from '../peers/judge.mjs';
import { LineProcess } from '../peers/line-process.mjs';
import { PEERS } from '../peers/python.mjs';
import { TrialProgram } from '../peers/trial-program.mjs';

/**
 * @import { NetworkSettings } from '@factory/domain'
 * @import { Row } from '../bench.mjs'
 * @import { Judgement } from '../peers/judge.mjs'
 *
 * @typedef {object} QualityOptions
 * @property {string} python
 * @property {string} folder for intermediate files
 * @property {(line: string) => void} say
 * @property {string} dataFolder where the real data sets are, if present
 * @property {number} seeds trainings per side
 *
 * @typedef {{name: string, figures: readonly Judgement[]}} Side figures: of each seed
 *
 * @typedef {Row & {data: string, figure: string, difference: number, standardError: number}} Comparison
 */

/** @type {NetworkSettings} */
const COMBINATION = {
  ...{ node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5, optimizer: 'adam', learningRate: 0.001 },
  ...{ lrAnnealing: 0.1, batchSize: 256, epochs: 50 },
};
/** A difference counts if it is both larger than noise and large enough to matter. */
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
 * Trains the same network on the same rows of both real data sets by the default engine and by Keras, with the given
 * number of seeds each, and compares ROC-AUC and log-loss on validation rows, both computed by scikit-learn.
 *
 * @param {QualityOptions} options
 */
export async function qualityAgainstKeras({ python, folder, say, dataFolder, seeds }) {
  const files = realDataIn(dataFolder, say);
  const cases = CASES.flatMap((one) => {
    const file = files.find(({ source }) => source === one.source)?.path;
    return file === undefined ? [] : [{ ...one, file }];
  });
  if (cases.length < CASES.length)
    return { table: { title: 'quality', rows: [] }, faults: [`the data sets are not in ${dataFolder}`] };
  /** @type {typeof import('../data/datasets.entry.mjs')} */
  const { realDataset, writeMatrix } = await loadEntry('tools/bench/data/datasets.entry.mjs');
  const entry = await bundleEntry('tools/bench/training/engine-trials.entry.mjs');
  const engines = [new TrialProgram(new LineProcess(process.execPath, [entry]))];
  const keras = Array.from(
    { length: availableParallelism() },
    () => new TrialProgram(new LineProcess(python, [join(PEERS, 'keras_trials.py')])),
  );
  const judge = new Judge(python);
  /** @type {Comparison[]} */
  const rows = [];
  try {
    for (const { source, ...columns } of cases) {
      const data = join(folder, source);
      writeMatrix(await realDataset(columns), { folder: data, f1: 1, f0: 1 });
      /**
       * @param {string} side
       * @param {readonly TrialProgram[]} programs
       */
      const train = (side, programs) => {
        say(`${source}: ${seeds} trainings by ${side}`);
        return trainAll(programs, judge, { data, seeds, folder: join(data, side) });
      };
      const ours = await train('engine', engines);
      const theirs = await train('keras', keras);
      rows.push(compare(source, 'auc', ours, theirs), compare(source, 'logLoss', ours, theirs));
    }
  } finally {
    await Promise.all([...engines, ...keras, judge].map((one) => one.close()));
  }
  return {
    table: {
      title: `validation rows of real data after ${seeds} trainings each, batch ${COMBINATION.batchSize}: mean, standard deviation`,
      rows,
    },
    faults: qualityFaults(rows),
  };
}

/**
 * @param {readonly Comparison[]} rows
 * @returns {string[]}
 */
export function qualityFaults(rows) {
  return rows.flatMap(({ data, figure, difference, standardError }) =>
    Math.abs(difference) > Math.max(MOST_DIFFERENCE, MOST_STANDARD_ERRORS * standardError)
      ? [
          `${data}: ${figure} differs from Keras' by ${difference.toFixed(4)} (+- ${standardError.toFixed(4)})`,
        ]
      : [],
  );
}

/**
 * Trains with each seed; the seeds are divided among the programs.
 *
 * @param {readonly TrialProgram[]} programs
 * @param {Judge} judge
 * @param {{data: string, seeds: number, folder: string}} options
 * @returns {Promise<Side>}
 */
async function trainAll(programs, judge, { data, seeds, folder }) {
  const [loaded] = await Promise.all(programs.map((one) => one.load(data)));
  const seedsLeft = Array.from({ length: seeds }, (_, at) => at + 1);
  const folders = new Map(seedsLeft.map((seed) => [seed, join(folder, String(seed))]));
  for (const logits of folders.values()) mkdirSync(logits, { recursive: true });
  const left = folders.entries();
  await Promise.all(
    programs.map(async (one) => {
      for (const [seed, logits] of left) await one.train({ combination: COMBINATION, seed, logits });
    }),
  );
  /** @type {Judgement[]} */
  const figures = [];
  for (const logits of folders.values())
    figures.push(await judge.judge({ folder: data, logits, part: 'validation' }));
  return { name: loaded?.engine ?? 'keras', figures };
}

/**
 * @param {string} data
 * @param {keyof Judgement} figure
 * @param {Side} engine
 * @param {Side} keras
 * @returns {Comparison}
 */
function compare(data, figure, engine, keras) {
  const ours = engine.figures.map((one) => one[figure]);
  const theirs = keras.figures.map((one) => one[figure]);
  const { difference, standardError, deviations } = welch(ours, theirs);
  /**
   * @param {readonly number[]} values
   * @param {number} deviation
   */
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
