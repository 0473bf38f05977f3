import { realDataIn } from '../../demo/real-data.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';

/**
 * @import { RealData } from '../../demo/real-data.mjs'
 * @import { RunAnswer } from '../../sandbox/factory-command.mjs'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 *
 * @typedef {object} QualityCase
 * @property {string} source name under which it is imported
 * @property {string} of the data set
 * @property {string[]} importArgs in addition to the data set's own
 * @property {string[]} [without] of the data set's own import arguments
 * @property {number | null} least ROC-AUC on test rows; null = no minimum
 * @property {number | null} published ROC-AUC of others (docs/published-figures.md); null = none is comparable
 * @property {string} title
 */

const TIMEOUT_MS = 60 * 60_000;

/** @type {readonly QualityCase[]} */
const CASES = [
  { source: 'shoppers', of: 'shoppers', importArgs: [], least: 0.9, published: 0.937, title: 'shoppers' },
  {
    source: 'shoppers-no-leak',
    of: 'shoppers',
    importArgs: ['--exclude', 'PageValues'],
    least: null,
    published: null,
    title: 'shoppers without PageValues (partly computed from completed sales)',
  },
  {
    source: 'bank',
    of: 'bank',
    importArgs: [],
    least: 0.77,
    published: 0.8,
    title: 'bank-full without duration',
  },
  {
    source: 'bank-leak',
    of: 'bank',
    importArgs: [],
    without: ['--exclude', 'duration'],
    least: null,
    published: 0.935,
    title: 'bank-full with duration (known only after the call)',
  },
];

/**
 * How good the winners of the standard grid are on the two real data sets.
 *
 * @type {Bench}
 */
export const quality = {
  summary: 'ROC-AUC on test rows of the winner, standard grid, real data (shoppers >= .90, bank-full >= .77)',
  prepare: () => measure,
};

/**
 * @param {BenchContext} context
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, dataFolder, openServers }) {
  const cases = casesIn(realDataIn(dataFolder, say));
  if (cases.length < CASES.length) return { rows: [], faults: [`the data sets are not in ${dataFolder}`] };
  const sandbox = await openServers();
  for (const { source, file, importArgs, without = [] } of cases) {
    say(`importing ${source}`);
    const names = ['--source', source, '--reader', `reader_${source.replaceAll('-', '_')}`];
    const own = file.importArgs.filter((word) => !without.includes(word));
    const options = [...names, ...own, ...importArgs];
    sandbox.declare(await sandbox.factory.importFile(file.path, ...options));
  }
  await sandbox.startServices();
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  const rows = [];
  for (const { source, file, ...one } of cases) {
    const { startDate, endDate } = file;
    const { run } = await ends.requestOne(
      { productId: 0, source, grid: 'standard', startDate, endDate },
      { timeoutMs: TIMEOUT_MS },
    );
    const row = rowOf(one, await sandbox.factory.showRun(run));
    rows.push(row);
    say(`${one.title}: ROC-AUC ${row.testRocAuc?.toFixed(4)}`);
  }
  await ends.close();
  return {
    rows,
    faults: rows.flatMap(({ data, testRocAuc, least: needed }) =>
      needed !== null && (testRocAuc ?? 0) < needed
        ? [`${data}: ${testRocAuc?.toFixed(4)} is less than ${needed}`]
        : [],
    ),
  };
}

/** @param {readonly (RealData & {path: string})[]} files */
function casesIn(files) {
  return CASES.flatMap((one) => {
    const file = files.find(({ source }) => source === one.of);
    return file ? [{ ...one, file }] : [];
  });
}

/**
 * @param {Pick<QualityCase, 'title' | 'least' | 'published'>} one
 * @param {RunAnswer} run
 */
function rowOf({ title: data, least, published }, { trials, winner, seconds, outcome }) {
  const best = trials.find(({ combination }) => combination.trial === winner);
  if (!best) throw new Error(`${data}: the run has no winner`);
  const { node1, node2, dropout1, optimizer, learningRate } = best.combination;
  return {
    data,
    testRocAuc: best.rocAuc,
    least,
    published,
    testPrAuc: best.prAuc,
    testLogLoss: best.naturalTestLogLoss,
    winner: `${node1}-${node2}, dropout ${dropout1}, ${optimizer} ${learningRate}`,
    trials: trials.length,
    engine: best.engine,
    outcome,
    seconds,
  };
}
