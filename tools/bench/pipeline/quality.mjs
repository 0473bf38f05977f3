import { realDataIn } from '../../demo/real-data.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';

const TIMEOUT_MS = 60 * 60_000;

/** What each data set is imported as, and the least ROC-AUC on test rows. */
const CASES = [
  { source: 'shoppers', of: 'shoppers', importArgs: [], least: 0.9, title: 'shoppers' },
  {
    source: 'shoppers-no-leak',
    of: 'shoppers',
    importArgs: ['--exclude', 'PageValues'],
    least: null,
    title: 'shoppers without PageValues (partly computed from completed sales)',
  },
  { source: 'bank', of: 'bank', importArgs: [], least: 0.77, title: 'bank-full without duration' },
];

/** How good the winners of the standard grid are on the two real data sets. */
export const quality = {
  summary: 'ROC-AUC on test rows of the winner, standard grid, real data (shoppers >= .90, bank-full >= .77)',

  async run(sandbox, { say, dataFolder }) {
    const files = realDataIn(dataFolder, say);
    const cases = CASES.flatMap((one) => {
      const file = files.find(({ source }) => source === one.of);
      return file ? [{ ...one, file }] : [];
    });
    if (cases.length < CASES.length) return { rows: [], faults: [`the data sets are not in ${dataFolder}`] };
    for (const { source, file, importArgs } of cases) {
      say(`importing ${source}`);
      const names = ['--source', source, '--reader', `reader_${source.replaceAll('-', '_')}`];
      sandbox.declare(
        await sandbox.factoryJson('import', file.path, ...names, ...file.importArgs, ...importArgs),
      );
    }
    await sandbox.startServices();
    const ends = await listenForEnds(sandbox.env.NATS_URL);
    const rows = [];
    for (const { source, file, least, title } of cases) {
      const { startDate, endDate } = file;
      const request = { productId: 0, source, grid: 'standard', startDate, endDate };
      const ended = await ends.request(request, { runs: 1, timeoutMs: TIMEOUT_MS });
      mustHaveVerdicts(ended);
      const report = await sandbox.factoryJson('runs', 'show', ended[0].run);
      rows.push(rowOf(title, least, report, ended[0]));
      say(`${title}: ROC-AUC ${rows.at(-1).testRocAuc.toFixed(4)}`);
    }
    await ends.close();
    return {
      rows,
      faults: rows.flatMap(({ data, testRocAuc, least: needed }) =>
        needed !== null && testRocAuc < needed
          ? [`${data}: ${testRocAuc.toFixed(4)} is less than ${needed}`]
          : [],
      ),
    };
  },
};

function rowOf(data, least, { trials, winner, seconds }, { outcome }) {
  const best = trials.find(({ combination }) => combination.trial === winner);
  const { node1, node2, dropout1, optimizer, learningRate } = best.combination;
  return {
    data,
    testRocAuc: best.rocAuc,
    least,
    testPrAuc: best.prAuc,
    testLogLoss: best.naturalTestLogLoss,
    winner: `${node1}-${node2}, dropout ${dropout1}, ${optimizer} ${learningRate}`,
    trials: trials.length,
    engine: best.engine,
    outcome,
    seconds,
  };
}
