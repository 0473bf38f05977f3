import { createEngine, ENGINE_NAMES, epochOrder } from '@factory/engines';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { serveLines } from '../peers/serve-lines.mjs';

const LEARNING_RATE = 0.001;
/** A pass need not be a whole epoch: slow engines would take too long. */
const PASS_SECONDS = 0.25;
const WARM_UP_BATCHES = 8;
const NEVER = { cancelled: false };

// One of the factory's engines in the benchmark `training`. As in a trainer, networks train in worker threads.

/** Main thread: reads the data into shared memory and passes questions on to the workers. */
function handlers() {
  let threads = [];
  let options = {};
  const ask = (question) => Promise.all(threads.map((thread) => thread.ask(question)));
  return {
    names: () => [...ENGINE_NAMES],

    /** @returns the name that the engine goes by, or why it does not load here */
    async open({ engine, nativeDir }) {
      options = { nativeDir };
      try {
        return { name: (await createEngine(engine, () => performance.now(), options)).name };
      } catch (error) {
        return { unavailable: error.message };
      }
    },

    /** Fresh networks, one a worker, trained for a moment. */
    async prepare({ engine, folder, shape, batch, workers }) {
      await Promise.all(threads.map((thread) => thread.end()));
      const data = readMatrix(join(folder, String(shape.features)), shape.features);
      threads = Array.from(
        { length: workers },
        (_, at) => new TrainingThread({ engine, options, data, shape, batch, seed: at + 1 }),
      );
      return { turns: await ask({ seconds: 0 }) };
    },

    /** @returns what each worker trained meanwhile */
    turn: async ({ seconds }) => ({ turns: await ask({ seconds }) }),
  };
}

class TrainingThread {
  constructor(task) {
    this.worker = new Worker(fileURLToPath(import.meta.url), { workerData: task });
    this.failed = new Promise((_, reject) => this.worker.once('error', reject));
    this.failed.catch(() => undefined);
  }

  ask(question) {
    const answered = new Promise((resolve) => this.worker.once('message', resolve));
    this.worker.postMessage(question);
    return Promise.race([answered, this.failed]);
  }

  end() {
    return this.worker.terminate();
  }
}

/** Worker thread: trains one network for as long as it is asked to. */
async function serveTurns({ engine: name, options, data, shape, batch, seed }) {
  const engine = await createEngine(name, () => performance.now(), options);
  const combination = {
    node1: shape.node1,
    node2: shape.node2,
    dropout1: 0.5,
    dropout2: 0.5,
    optimizer: 'adam',
    learningRate: LEARNING_RATE,
    lrAnnealing: 0.1,
    batchSize: batch,
    epochs: 1,
  };
  const network = engine.open(data, combination, seed);
  const rows = data.trainRows.length;
  let passRows = Math.min(rows, WARM_UP_BATCHES * batch);
  let epoch = 0;
  let order = new Uint32Array();
  let loss;
  /** Drawing an epoch's order is part of training one: it counts. */
  const trainPass = () => {
    const began = performance.now();
    if (order.length < passRows) order = epochOrder(data.trainRows, seed, ++epoch);
    const sums = network.trainEpoch(order.subarray(0, passRows), LEARNING_RATE, NEVER);
    order = order.subarray(passRows);
    loss = sums.loss / sums.rows;
    return (performance.now() - began) / 1_000;
  };
  trainPass();
  const speed = passRows / trainPass();
  const batches = Math.ceil((speed * PASS_SECONDS) / batch);
  passRows = Math.min(rows, Math.max(WARM_UP_BATCHES, batches) * batch);
  order = new Uint32Array();
  parentPort.on('message', ({ seconds }) => {
    let [trained, spent] = [0, 0];
    while (trained === 0 || spent < seconds) {
      spent += trainPass();
      trained += passRows;
    }
    parentPort.postMessage({ rows: trained, seconds: spent, loss });
  });
}

/** What training reads, on shared memory as in the trainer. */
function readMatrix(folder, width) {
  const features = readShared(join(folder, 'features.f32'), Float32Array);
  const labels = readShared(join(folder, 'labels.f32'), Float32Array);
  const shared = new Uint8Array(new SharedArrayBuffer(labels.length));
  shared.set(labels);
  const trainRows = new Uint32Array(new SharedArrayBuffer(4 * labels.length));
  trainRows.forEach((_, row) => (trainRows[row] = row));
  return { features, width, labels: shared, trainRows, validationRows: new Uint32Array() };
}

function readShared(file, Values) {
  const bytes = new Uint8Array(new SharedArrayBuffer(statSync(file).size));
  const handle = openSync(file, 'r');
  let at = 0;
  while (at < bytes.length) at += readSync(handle, bytes, at, bytes.length - at, null);
  closeSync(handle);
  return new Values(bytes.buffer);
}

void (isMainThread ? serveLines(handlers()).then(() => process.exit()) : serveTurns(workerData));
