import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKernel } from '../../kernel/build.mjs';
import { peerPython } from '../peers/python.mjs';
import { measureSpeed } from './measure-speed.mjs';
import { qualityAgainstKeras } from './quality-against-keras.mjs';
import { TRAINING_HELP, TRAINING_OPTIONS, trainingSettings } from './settings.mjs';

/**
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 * @import { TrainingSettings } from './settings.mjs'
 */

/**
 * Training speed of the engines, compared with Keras, TensorFlow and JAX in the same rounds; and whether they learn
equally well.
 *
 * @type {Bench}
 */
export const training = {
  summary:
    'rows per second of every engine and of Keras, TensorFlow and JAX; quality compared with Keras on real data',
  options: TRAINING_OPTIONS,
  help: TRAINING_HELP,

  prepare(options) {
    const settings = trainingSettings(options);
    return (context) => measure(context, settings);
  },
};

/**
 * @param {BenchContext} context
 * @param {TrainingSettings} settings
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, dataFolder }, settings) {
  await ensureKernel();
  say('preparing Keras, TensorFlow, JAX and scikit-learn');
  const python = await peerPython();
  const folder = mkdtempSync(join(tmpdir(), 'bench-training-'));
  try {
    const speed = await measureSpeed({ python, folder, say }, settings);
    if (!settings.isQualityWanted) return speed;
    const { seeds } = settings;
    const quality = await qualityAgainstKeras({ python, folder, say, dataFolder, seeds });
    return { ...speed, tables: [quality.table], faults: [...speed.faults, ...quality.faults] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
