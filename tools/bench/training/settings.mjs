import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../workspace/root.mjs';
import { isCount } from '../is-count.mjs';

const TFJS_NATIVE = join(root, '.cache', 'tfjs-native', 'cpu');

/** What may be chosen of the benchmark `training`. */
export const trainingSettings = {
  options: {
    shapes: { type: 'string', default: '50x64-32,100x128-64,400x128-64' },
    batches: { type: 'string', default: '32,256,1024' },
    engines: { type: 'string' },
    'tfjs-native': { type: 'string' },
    workers: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '0.5' },
    seeds: { type: 'string', default: '10' },
    'no-quality': { type: 'boolean', default: false },
  },
  help: `  --shapes LIST      features x node1 - node2 (default 50x64-32,100x128-64,400x128-64)
  --batches LIST     batch sizes (default 32,256,1024)
  --engines LIST     peers and engines by name (default: all that load)
  --tfjs-native DIR  what build:tfjs-native made (default .cache/tfjs-native/cpu if there)
  --workers LIST     networks at a time; more than one only at the first shape (default 1,2)
  --rounds N         in each, all take a turn one after the other; medians count (default 5)
  --seconds S        least length of a turn (default 0.5)
  --seeds N          trainings of each real data set by each side (default 10)
  --no-quality       leaves out the comparison on real data`,

  settingsOf(values) {
    const numbers = (name) => values[name].split(',').map(Number);
    const shapes = values.shapes
      .split(',')
      .map((text) => /^(\d+)x(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number));
    const nativeDir = values['tfjs-native'] ?? [TFJS_NATIVE].find(existsSync);
    const [batches, workers] = [numbers('batches'), numbers('workers')];
    const [rounds, seconds, seeds] = [values.rounds, values.seconds, values.seeds].map(Number);
    return {
      wrong: [
        ...(shapes.every(Boolean) ? [] : [`--shapes ${values.shapes}: give such as 50x64-32,100x128-64.`]),
        ...(batches.every(isCount) ? [] : [`--batches ${values.batches}: give whole numbers of at least 1.`]),
        ...(workers.every(isCount) ? [] : [`--workers ${values.workers}: give whole numbers of at least 1.`]),
        ...(isCount(rounds) ? [] : [`--rounds ${values.rounds}: give a whole number of at least 1.`]),
        ...(nativeDir === undefined || existsSync(nativeDir)
          ? []
          : [`--tfjs-native ${nativeDir}: there is no such folder.`]),
        ...(seconds > 0 ? [] : [`--seconds ${values.seconds}: give more than 0.`]),
        ...(isCount(seeds) && seeds > 1 ? [] : [`--seeds ${values.seeds}: give a whole number above 1.`]),
      ],
      settings: {
        shapes: shapes.map((parts) => ({ features: parts?.[0], node1: parts?.[1], node2: parts?.[2] })),
        batches,
        workers,
        rounds,
        seconds,
        seeds,
        engines: values.engines?.split(','),
        nativeDir: nativeDir && resolve(nativeDir),
        isQualityWanted: !values['no-quality'],
      },
    };
  },
};
