import { createEngine, epochOrder } from '@factory/engines';

/**
 * @import { NetworkSettings } from '@factory/domain'
 * @import { MessagePort } from 'node:worker_threads'
 * @import { TrainingTask, TurnAnswer, TurnQuestion } from './training-thread.mjs'
 */

const LEARNING_RATE = 0.001;
/** A pass may be shorter than an epoch: slow engines would take too long. */
const PASS_SECONDS = 0.25;
const WARM_UP_BATCHES = 8;
const NEVER = { cancelled: false };

/**
 * In a worker thread: trains one network for the requested time.
 *
 * @param {TrainingTask} task
 * @param {MessagePort} port
 */
export async function serveTurns(task, port) {
  const trainPass = await warmPass(task);
  /** @param {TurnQuestion} question */
  const turn = ({ seconds }) => {
    const trained = { rows: 0, seconds: 0, loss: NaN };
    while (trained.rows === 0 || trained.seconds < seconds) {
      const pass = trainPass();
      trained.rows += pass.rows;
      trained.seconds += pass.seconds;
      trained.loss = pass.loss;
    }
    port.postMessage(trained);
  };
  port.on('message', turn);
}

/**
 * @param {TrainingTask} task
 * @returns {Promise<() => TurnAnswer>} trains for about `PASS_SECONDS`
 */
async function warmPass({ engine: name, options, data, shape, batch, seed }) {
  const engine = await createEngine(name, () => performance.now(), options);
  /** @type {NetworkSettings} */
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
  let epoch = 0;
  /** @type {Uint32Array} */
  let order = new Uint32Array();
  /**
   * Drawing an epoch's order is part of training it, so it is included in the time.
   *
   * @param {number} rows
   */
  const trainRows = (rows) => {
    const began = performance.now();
    if (order.length < rows) order = epochOrder(data.trainRows, seed, ++epoch);
    const sums = network.trainEpoch(order.subarray(0, rows), LEARNING_RATE, NEVER);
    order = order.subarray(rows);
    return { rows, seconds: (performance.now() - began) / 1_000, loss: sums.loss / sums.rows };
  };
  const all = data.trainRows.length;
  const warmUp = Math.min(all, WARM_UP_BATCHES * batch);
  trainRows(warmUp);
  const { rows, seconds } = trainRows(warmUp);
  const batches = Math.ceil(((rows / seconds) * PASS_SECONDS) / batch);
  const passRows = Math.min(all, Math.max(WARM_UP_BATCHES, batches) * batch);
  order = new Uint32Array();
  return () => trainRows(passRows);
}
