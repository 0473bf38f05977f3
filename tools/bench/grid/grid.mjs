import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEntry } from '../../packing/load-entry.mjs';
import { forgetPeak, peakMebibytes } from '../measure/process-costs.mjs';
import { peerPython } from '../peers/python.mjs';
import { ASHA, gridNotes, gridRow, savingsOf } from './grid-rows.mjs';
import { KerasGrid } from './keras-grid.mjs';

/**
 * @import { GridName, NetworkSettings } from '@factory/domain'
 * @import { ServiceProcess } from '../../sandbox/service-process.mjs'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 * @import { GridRow } from './grid-rows.mjs'
 * @import { TrainerReport } from './trainer-runs.entry.mjs'
 *
 * @typedef {typeof USUAL} Sizes
 * @typedef {'standard' | 'reference'} ComparedPart
 */

/** Drawn shares of goals and other visits, as for 1:8 out of 1:80. */
const F1 = 1;
const F0 = 0.1;
const USUAL = { rows: 90_000, width: 100, epochs: 50 };
/**
 * The combination of all figures for batch 32.
 *
 * @type {(NetworkSettings & { trial: number })}
 */
const REFERENCE = {
  ...{ trial: 1, node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5, optimizer: 'adam', learningRate: 0.001 },
  ...{ lrAnnealing: 0.1, batchSize: 32, epochs: USUAL.epochs },
};
const PARTS = ['standard', 'reference', 'full', 'asha'];
/** Minimum speed-up over Keras, in seconds end to end. */
const LEAST = { standard: 10, reference: 20 };

/**
 * Grids in a trainer process from a drawn dataset to candidates, and the same trials in a Keras loop.
 *
 * @type {Bench}
 */
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

  prepare(options) {
    const parts = options.list('parts');
    if (!parts.every((part) => PARTS.includes(part))) options.refuse('parts', `some of ${PARTS.join(', ')}`);
    const [rows, width, epochs] = [options.count('rows'), options.count('width'), options.count('epochs')];
    return (context) => measure(context, { parts, sizes: { rows, width, epochs } });
  },
};

/**
 * @param {BenchContext} context
 * @param {{parts: readonly string[], sizes: Sizes}} settings
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, { parts, sizes }) {
  /** @type {typeof import('../data/datasets.entry.mjs')} */
  const { syntheticDataset, writeMatrix } = await loadEntry('tools/bench/data/datasets.entry.mjs');
  /** @type {typeof import('./trainer-runs.entry.mjs')} */
  const { expandGrid, TrainerRuns } = await loadEntry('tools/bench/grid/trainer-runs.entry.mjs');
  const sandbox = await openServers();
  say('preparing Keras, and the dataset');
  const python = await peerPython();
  const folder = mkdtempSync(join(tmpdir(), 'bench-grid-'));
  const runs = await TrainerRuns.open(sandbox.env);
  const [trainer] = await sandbox.startServices({ names: ['trainer'] });
  if (!trainer) throw new Error('no trainer was started');
  const keras = new KerasGrid(python, folder);
  try {
    const drawn = syntheticDataset({ ...sizes, f1: F1, f0: F0, seed: 1 });
    const { transform, trainRows, ...matrix } = writeMatrix(drawn, { folder, f1: F1, f0: F0 });
    await keras.load();
    const sample = { dataset: await runs.putDataset(drawn), f1: F1, f0: F0 };
    const { epochs } = sizes;
    const measurePart = measureBy({ trainer, trainRows, say });
    /**
     * @param {string} title
     * @param {GridName} name
     * @param {'grid' | 'asha'} search
     */
    const trainGrid = (title, name, search = 'grid') =>
      measurePart(title, () => runs.trainGrid({ ...sample, grid: name, policy: { epochs, search } }));
    const comparison = new Comparison(sizes);
    if (parts.includes('standard')) {
      const ours = await trainGrid('standard grid', 'standard');
      const theirs = await keras.train(
        expandGrid('standard', epochs).map(({ settings }) => settings),
        say,
      );
      comparison.add('standard', ours, gridRow(ours.part, theirs, trainRows));
    }
    if (parts.includes('reference')) {
      const combinations = [{ ...REFERENCE, epochs }];
      const group = { ...sample, transform: await runs.putTransform(transform), matrix, combinations };
      const title = `${REFERENCE.node1}-${REFERENCE.node2}, batch ${REFERENCE.batchSize}`;
      const ours = await measurePart(title, () => runs.trainGroup(group));
      const theirs = await keras.train(combinations, say);
      comparison.add('reference', ours, gridRow(title, theirs, trainRows));
    }
    const { rows, ratios, faults } = comparison;
    if (parts.includes('full')) rows.push(await trainGrid('full grid', 'full'));
    if (parts.includes('asha')) {
      rows.push(await trainGrid(`standard grid${ASHA}`, 'standard', 'asha'));
      rows.push(await trainGrid(`full grid${ASHA}`, 'full', 'asha'));
    }
    return { rows, ratios, faults, notes: [...savingsOf(rows), gridNotes(sizes, trainRows)] };
  } finally {
    await Promise.all([keras.close(), runs.close()]);
    rmSync(folder, { recursive: true });
  }
}

/** Parts that both the trainer and Keras trained. */
class Comparison {
  /** @type {GridRow[]} */
  rows = [];
  /** @type {Record<string, number>} */
  ratios = {};
  /** @type {string[]} */
  faults = [];
  #judges;

  /** @param {Sizes} sizes smaller ones only try the benchmark out: no target is checked */
  constructor({ rows, width, epochs }) {
    this.#judges = rows === USUAL.rows && width === USUAL.width && epochs === USUAL.epochs;
  }

  /**
   * @param {ComparedPart} part
   * @param {GridRow} ours
   * @param {GridRow} theirs
   */
  add(part, ours, theirs) {
    const times = theirs.seconds / ours.seconds;
    this.rows.push(ours, theirs);
    this.ratios[`${part}, seconds end to end: Keras by trainer`] = times;
    this.ratios[`${part}, train rows a second: trainer by Keras`] = ours.thousandRows / theirs.thousandRows;
    if (this.#judges && times < LEAST[part])
      this.faults.push(`${part}: ${times.toFixed(1)} times as fast as Keras, less than ${LEAST[part]}`);
  }
}

/**
 * Measures one part with the trainer's peak memory during it.
 *
 * @param {{trainer: ServiceProcess, trainRows: number, say: (line: string) => void}} options
 * @returns {(title: string, train: () => Promise<TrainerReport>) => Promise<GridRow>}
 */
function measureBy({ trainer, trainRows, say }) {
  return async (title, train) => {
    say(`${title} through the trainer`);
    forgetPeak(trainer.pid);
    const report = await train();
    if (report.failed > 0) throw new Error(`${title}: ${report.failed} trials failed`);
    return gridRow(title, report, trainRows, peakMebibytes(trainer.pid));
  };
}
