import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleEntry } from '../../packing/bundle-entry.mjs';
import { isCount } from '../is-count.mjs';
import { KerasTrials } from '../peers/keras-trials.mjs';
import { forgetPeak, peakMebibytes } from '../measure/process-costs.mjs';
import { peerPython } from '../peers/python.mjs';

/** Drawn shares of goals and other visits, as for 1:8 out of 1:80. */
const F1 = 1;
const F0 = 0.1;
/** The combination that every figure on batch 32 is about. */
const REFERENCE = {
  ...{ trial: 1, node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5, optimizer: 'adam', learningRate: 0.001 },
  ...{ lrAnnealing: 0.1, batchSize: 32 },
};
const ASHA = ', asha';
const PARTS = ['standard', 'reference', 'full', 'asha'];
const USUAL = { rows: 90_000, width: 100, epochs: 50 };
/** Least times faster than Keras, in seconds end to end. */
const LEAST = { standard: 10, reference: 20 };

/** Grids through a trainer process from a drawn dataset to candidates, and the same trials looped in Keras. */
export const grid = {
  summary: `grids through the trainer, ${USUAL.rows} rows x ${USUAL.width}, against Keras (standard >= 10 times, reference >= 20)`,
  options: {
    parts: { type: 'string', default: PARTS.join(',') },
    rows: { type: 'string', default: String(USUAL.rows) },
    width: { type: 'string', default: String(USUAL.width) },
    epochs: { type: 'string', default: String(USUAL.epochs) },
  },
  help: `  --parts LIST       of ${PARTS.join(', ')} (default: all)
  --rows N           of the dataset (default ${USUAL.rows})
  --width N          of the dataset (default ${USUAL.width})
  --epochs N         most epochs of a trial (default ${USUAL.epochs})`,

  settingsOf({ parts: list, ...values }) {
    const parts = list.split(',');
    const sizes = Object.fromEntries(Object.keys(USUAL).map((name) => [name, Number(values[name])]));
    return {
      wrong: [
        ...parts.flatMap((part) =>
          PARTS.includes(part) ? [] : [`--parts ${part}: there are ${PARTS.join(', ')}.`],
        ),
        ...Object.entries(sizes).flatMap(([name, value]) =>
          isCount(value) ? [] : [`--${name} ${values[name]}: give a whole number of at least 1.`],
        ),
      ],
      settings: { parts, sizes },
    };
  },

  async run(sandbox, { say, parts, sizes }) {
    const load = async (entry) => createRequire(import.meta.url)(await bundleEntry(`tools/bench/${entry}`));
    const { syntheticDataset, writeMatrix } = await load('data/datasets.entry.mjs');
    const { expandGrid, openTrainerRuns } = await load('grid/trainer-runs.entry.mjs');
    say('preparing Keras, and the dataset');
    const python = await peerPython();
    const folder = mkdtempSync(join(tmpdir(), 'bench-grid-'));
    const runs = await openTrainerRuns(sandbox.env);
    const [trainer] = await sandbox.startServices({ names: ['trainer'] });
    const keras = new KerasTrials(python);
    try {
      const drawn = syntheticDataset({ ...sizes, f1: F1, f0: F0, seed: 1 });
      const { transform, trainRows, ...matrix } = writeMatrix(drawn, { folder, f1: F1, f0: F0 });
      mkdirSync(join(folder, 'logits'));
      await keras.load(folder);
      const dataset = await runs.putDataset(drawn);
      const { epochs } = sizes;
      const combination = { ...REFERENCE, epochs };
      const group = { dataset, f1: F1, f0: F0, matrix, combinations: [combination] };
      const measure = measureBy({ trainer, trainRows, say });
      const trainGrid = (title, name, search = 'grid') =>
        measure(title, () =>
          runs.trainGrid({ dataset, f1: F1, f0: F0, grid: name, policy: { epochs, search } }),
        );
      const rows = [];
      const ratios = {};
      const comparePart = async (part, title, ours, combinations) => {
        const theirs = rowOf(title, await keras.train(combinations, say), trainRows);
        rows.push(ours, theirs);
        ratios[`${part}, seconds end to end: Keras by trainer`] = theirs.seconds / ours.seconds;
        ratios[`${part}, train rows a second: trainer by Keras`] = ours.thousandRows / theirs.thousandRows;
        return theirs.seconds / ours.seconds;
      };
      const faults = [];
      if (parts.includes('standard')) {
        const ours = await trainGrid('standard grid', 'standard');
        const times = await comparePart('standard', 'standard grid', ours, expandGrid('standard', epochs));
        faults.push(...tooSlow('standard', times, sizes));
      }
      if (parts.includes('reference')) {
        const fitted = { ...group, transform: await runs.putTransform(transform) };
        const title = `${REFERENCE.node1}-${REFERENCE.node2}, batch ${REFERENCE.batchSize}`;
        const ours = await measure(title, () => runs.trainGroup(fitted));
        const times = await comparePart('reference', title, ours, [combination]);
        faults.push(...tooSlow('reference', times, sizes));
      }
      if (parts.includes('full')) rows.push(await trainGrid('full grid', 'full'));
      if (parts.includes('asha'))
        for (const name of ['standard', 'full'])
          rows.push(await trainGrid(`${name} grid${ASHA}`, name, 'asha'));
      return { rows, ratios, faults, notes: [...savingsOf(rows), notesOn(sizes, trainRows)] };
    } finally {
      await Promise.all([keras.close(), runs.close()]);
      rmSync(folder, { recursive: true });
    }
  },
};

/** Measures one part with the trainer's peak memory during it. */
function measureBy({ trainer, trainRows, say }) {
  return async (title, train) => {
    say(`${title} through the trainer`);
    forgetPeak(trainer.pid);
    const report = await train();
    if (report.failed > 0) throw new Error(`${title}: ${report.failed} trials failed`);
    return { ...rowOf(title, report, trainRows), peakMebibytes: peakMebibytes(trainer.pid) };
  };
}

function rowOf(part, { engine, trials, epochs, seconds, winner, winnerEpochs, testLogLoss }, trainRows) {
  const { node1, node2, dropout1, dropout2, optimizer, learningRate, batchSize } = winner;
  return {
    part,
    engine,
    trials,
    epochs,
    seconds,
    thousandRows: (epochs * trainRows) / seconds / 1_000,
    winner: `${node1}-${node2}, ${dropout1}/${dropout2}, ${optimizer} ${learningRate}, ${batchSize}`,
    winnerEpochs,
    testLogLoss,
    peakMebibytes: null,
  };
}

/** Smaller settings are for trying the benchmark out: they judge nothing. */
function tooSlow(part, times, sizes) {
  const isUsual = Object.entries(USUAL).every(([name, value]) => sizes[name] === value);
  if (!isUsual || times >= LEAST[part]) return [];
  return [`${part}: ${times.toFixed(1)} times as fast as Keras, less than ${LEAST[part]}`];
}

/** What halving saved, and what it cost, where the whole grid was trained as well. */
function savingsOf(rows) {
  return rows.flatMap((asha) => {
    const whole = rows.find(
      ({ part, peakMebibytes: peak }) => peak !== null && `${part}${ASHA}` === asha.part,
    );
    if (!whole) return [];
    const [share, more] = [asha.epochs / whole.epochs, asha.testLogLoss - whole.testLogLoss];
    return [
      `${asha.part}: ${(100 * share).toFixed(0)} % of the grid's epochs, ${(whole.seconds / asha.seconds).toFixed(1)} ` +
        `times as fast; its winner's test log-loss less that of the grid's: ${more.toFixed(5)}`,
    ];
  });
}

function notesOn({ rows, width }, trainRows) {
  return [
    `${rows} rows x ${width}, ${trainRows} of them train rows. Trainer: seconds from the start of planning (of the`,
    'group, for a single combination) to gathered candidates, by the ledger: dataset from S3, transform, trials,',
    'metrics, weights to S3. Keras: seconds of the trials alone, one after the other, on all cores with the threads',
    'it takes by itself; matrix in memory; predictions of all parts at the end of each, as the trainer makes them.',
    'Both: early stopping and falling rate by the same rules. thousandRows: train rows of all epochs a second.',
    'testLogLoss: natural, of the winner. peakMebibytes: the trainer process.',
  ].join('\n');
}
