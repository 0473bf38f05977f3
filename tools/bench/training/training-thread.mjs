import { Worker } from 'node:worker_threads';

/**
 * @import { EngineName, EngineOptions, TrainingData } from '@factory/engines'
 * @import { NetworkShape } from './settings.mjs'
 *
 * @typedef {object} TrainingTask one network
 * @property {EngineName} engine
 * @property {EngineOptions} options
 * @property {TrainingData} data on shared memory
 * @property {NetworkShape} shape
 * @property {number} batch
 * @property {number} seed
 *
 * @typedef {{seconds: number}} TurnQuestion train for at least that long
 * @typedef {{rows: number, seconds: number, loss: number}} TurnAnswer
 */

/** A worker thread that trains one network for the requested time; it runs serve-turns.mjs. */
export class TrainingThread {
  #worker;
  /** @type {Promise<never>} */
  #failed;

  /**
   * @param {string} file
   * @param {TrainingTask} task
   */
  constructor(file, task) {
    const worker = new Worker(file, { workerData: task });
    this.#worker = worker;
    this.#failed = new Promise((_, reject) => worker.once('error', reject));
    this.#failed.catch(() => undefined);
  }

  /**
   * @param {TurnQuestion} question
   * @returns {Promise<TurnAnswer>}
   */
  ask(question) {
    /** @type {Promise<TurnAnswer>} */
    const answered = new Promise((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage(question);
    return Promise.race([answered, this.#failed]);
  }

  async end() {
    await this.#worker.terminate();
  }
}
