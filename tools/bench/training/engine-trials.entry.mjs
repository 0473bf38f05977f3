import { createEngine } from '@factory/engines';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMatrixFolder } from '../data/matrix-folder.mjs';
import { serveLines } from '../peers/serve-lines.mjs';

// Whole trials by the factory's default engine, asked for as peers/keras_trials.py is.

let engine;
let data;

void serveLines({
  async load({ folder }) {
    engine ??= await createEngine('auto', () => performance.now());
    data = readMatrixFolder(folder);
    return { engine: engine.name };
  },

  /** Trains one combination to its end and writes logits-<part>.f32 of the best epoch's weights to `logits`. */
  async train({ combination, seed, logits }) {
    const began = performance.now();
    const { weights, epochs } = await engine.train(data, combination, { seed });
    for (const part of ['train', 'validation', 'test'])
      writeFileSync(
        join(logits, `logits-${part}.f32`),
        engine.predictLogits(weights, data, data[`${part}Rows`]),
      );
    return { seconds: (performance.now() - began) / 1_000, epochs };
  },
}).then(() => process.exit());
