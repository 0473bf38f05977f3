import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../workspace/root.mjs';

/**
 * @import { BenchOption } from '../bench.mjs'
 * @import { OptionReader } from '../option-reader.mjs'
 *
 * @typedef {{features: number, node1: number, node2: number}} NetworkShape
 *
 * @typedef {object} TrainingSettings
 * @property {readonly NetworkShape[]} shapes
 * @property {readonly number[]} batches
 * @property {readonly number[]} workers networks trained at a time
 * @property {number} rounds
 * @property {number} seconds minimum length of a turn
 * @property {number} seeds trainings per real data set and side
 * @property {readonly string[] | undefined} engines and peers by name; undefined = all that load
 * @property {string | undefined} nativeDir output folder of build:tfjs-native; undefined = none
 * @property {boolean} isQualityWanted
 */

const TFJS_NATIVE = join(root, '.cache', 'tfjs-native', 'cpu');

/** @type {Readonly<Record<string, BenchOption>>} */
export const TRAINING_OPTIONS = {
  shapes: { type: 'string', default: '50x64-32,100x128-64,400x128-64' },
  batches: { type: 'string', default: '32,256,1024' },
  engines: { type: 'string' },
  'tfjs-native': { type: 'string' },
  workers: { type: 'string', default: '1,2' },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '0.5' },
  seeds: { type: 'string', default: '10' },
  'no-quality': { type: 'boolean', default: false },
};

export const TRAINING_HELP = `  --shapes LIST      features x node1 - node2 (default 50x64-32,100x128-64,400x128-64)
  --batches LIST     batch sizes (default 32,256,1024)
  --engines LIST     peers and engines by name (default: all that load)
  --tfjs-native DIR  what build:tfjs-native made (default .cache/tfjs-native/cpu if there)
  --workers LIST     networks trained at a time; more than one only at the first shape (default 1,2)
  --rounds N         in each, all take a turn one after the other; medians count (default 5)
  --seconds S        minimum length of a turn (default 0.5)
  --seeds N          trainings per real data set and side (default 10)
  --no-quality       leaves out the comparison on real data`;

/**
 * Reads the options of the benchmark `training`.
 *
 * @param {OptionReader} options
 * @returns {TrainingSettings}
 */
export function trainingSettings(options) {
  const seconds = Number(options.text('seconds'));
  if (!(seconds > 0)) options.refuse('seconds', 'more than 0');
  const seeds = options.count('seeds');
  if (seeds === 1) options.refuse('seeds', 'a whole number above 1');
  return {
    shapes: readShapes(options),
    batches: options.counts('batches'),
    workers: options.counts('workers'),
    rounds: options.count('rounds'),
    seconds,
    seeds,
    engines: options.text('engines') === undefined ? undefined : options.list('engines'),
    nativeDir: readNativeDir(options),
    isQualityWanted: !options.flag('no-quality'),
  };
}

/**
 * @param {OptionReader} options
 * @returns {NetworkShape[]}
 */
function readShapes(options) {
  const given = options.list('shapes').map((text) => /^(\d+)x(\d+)-(\d+)$/.exec(text));
  if (given.includes(null)) options.refuse('shapes', 'such as 50x64-32,100x128-64');
  return given.map((found) => {
    const [features = 0, node1 = 0, node2 = 0] = (found ?? []).slice(1).map(Number);
    return { features, node1, node2 };
  });
}

/** @param {OptionReader} options */
function readNativeDir(options) {
  const given = options.text('tfjs-native');
  if (given !== undefined && !existsSync(given)) options.refuse('tfjs-native', 'a folder that exists');
  if (given !== undefined) return resolve(given);
  return existsSync(TFJS_NATIVE) ? TFJS_NATIVE : undefined;
}
