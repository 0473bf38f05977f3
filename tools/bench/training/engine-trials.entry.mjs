import { createEngine } from '@factory/engines';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMatrixFolder } from '../data/matrix-folder.mjs';
import { serveLines } from '../peers/serve-lines.mjs';

// Whole trials by the factory's default engine, with the protocol of peers/keras_trials.py.

/**
 * @import { TrainingEngine } from '@factory/engines'
 * @import { MatrixRows } from '../data/matrix-folder.mjs'
 * @import { Trial } from '../peers/trial-program.mjs'
 */

/** @type {{engine: TrainingEngine, data: MatrixRows} | undefined} */
let loaded;

/** @param {{folder: string}} question */
async function load({ folder }) {
  const engine = loaded?.engine ?? (await createEngine('auto', () => performance.now()));
  loaded = { engine, data: readMatrixFolder(folder) };
  return { engine: engine.name };
}

/**
 * Trains one combination to its end and writes logits-<part>.f32 of the best epoch's weights to `logits`.
 *
 * @param {Trial} question
 */
async function train({ combination, seed, logits }) {
  if (!loaded) throw new Error('load a folder first');
  const { engine, data } = loaded;
  const began = performance.now();
  const { weights, epochs } = await engine.train(data, combination, { seed });
  const parts = { train: data.trainRows, validation: data.validationRows, test: data.testRows };
  for (const [part, rows] of Object.entries(parts))
    writeFileSync(join(logits, `logits-${part}.f32`), engine.predictLogits(weights, data, rows));
  return { seconds: (performance.now() - began) / 1_000, epochs };
}

void serveLines({ load, train }).then(() => process.exit());
