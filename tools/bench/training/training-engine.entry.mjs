import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createEngine, ENGINE_NAMES } from '@factory/engines';
import { readShared } from '../data/read-shared.mjs';
import { serveLines } from '../peers/serve-lines.mjs';
import { serveTurns } from './serve-turns.mjs';
import { TrainingThread } from './training-thread.mjs';

/**
 * @import { EngineName, TrainingData } from '@factory/engines'
 * @import { NetworkShape } from './settings.mjs'
 * @import { TurnQuestion } from './training-thread.mjs'
 *
 * @typedef {object} Preparation
 * @property {EngineName} engine
 * @property {string} folder of the data
 * @property {NetworkShape} shape
 * @property {number} batch
 * @property {number} workers
 */

// One of the factory's engines in the benchmark `training`. As in a trainer, networks train in worker threads.

/** Main thread: reads the data into shared memory and passes questions on to the workers. */
function handlers() {
  /** @type {TrainingThread[]} */
  let threads = [];
  /** @type {{nativeDir?: string}} */
  let options = {};
  /** @param {TurnQuestion} question */
  const ask = async (question) => ({ turns: await Promise.all(threads.map((one) => one.ask(question))) });
  return {
    names: () => [...ENGINE_NAMES],

    /**
     * @param {{engine: EngineName, nativeDir?: string}} question
     * @returns {Promise<{name: string} | {unavailable: string}>} the engine's own name, or why it does not load
     *   here
     */
    async open({ engine, nativeDir }) {
      options = nativeDir === undefined ? {} : { nativeDir };
      try {
        return { name: (await createEngine(engine, () => performance.now(), options)).name };
      } catch (error) {
        return { unavailable: error instanceof Error ? error.message : String(error) };
      }
    },

    /**
     * Creates networks, one per worker, and trains them briefly.
     *
     * @param {Preparation} question
     */
    async prepare({ engine, folder, shape, batch, workers }) {
      await Promise.all(threads.map((thread) => thread.end()));
      const data = readMatrix(join(folder, String(shape.features)), shape.features);
      const file = fileURLToPath(import.meta.url);
      threads = Array.from(
        { length: workers },
        (_, at) => new TrainingThread(file, { engine, options, data, shape, batch, seed: at + 1 }),
      );
      return ask({ seconds: 0 });
    },

    /**
     * What each worker trained in that time.
     *
     * @param {TurnQuestion} question
     */
    turn: ({ seconds }) => ask({ seconds }),
  };
}

/**
 * Training data on shared memory, as in the trainer.
 *
 * @param {string} folder as peers/synthetic_data.py writes it
 * @param {number} width
 * @returns {TrainingData}
 */
function readMatrix(folder, width) {
  const labels = new Float32Array(readShared(join(folder, 'labels.f32')));
  const shared = new Uint8Array(new SharedArrayBuffer(labels.length));
  shared.set(labels);
  const trainRows = new Uint32Array(new SharedArrayBuffer(4 * labels.length));
  trainRows.forEach((_, row) => (trainRows[row] = row));
  const features = new Float32Array(readShared(join(folder, 'features.f32')));
  return { features, width, labels: shared, trainRows, validationRows: new Uint32Array() };
}

if (isMainThread) void serveLines(handlers()).then(() => process.exit());
else if (parentPort) void serveTurns(workerData, parentPort);
