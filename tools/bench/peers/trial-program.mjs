/**
 * @import { NetworkSettings } from '@factory/domain'
 * @import { LineProcess } from './line-process.mjs'
 *
 * @typedef {object} Trial
 * @property {NetworkSettings} combination
 * @property {number} seed
 * @property {string} logits folder, which gets logits-<part>.f32 of the best epoch's weights
 */

/** A program that trains whole trials: peers/keras_trials.py, or training/engine-trials.entry.mjs. */
export class TrialProgram {
  #process;

  /** @param {LineProcess} process */
  constructor(process) {
    this.#process = process;
  }

  /**
   * @param {string} folder of the data, as matrix-folder.mjs writes it
   * @returns {Promise<{engine?: string}>} engine: its name, if the program has several
   */
  load(folder) {
    return this.#process.ask({ do: 'load', folder });
  }

  /**
   * @param {Trial} trial
   * @returns {Promise<{seconds: number, epochs: number}>}
   */
  train(trial) {
    return this.#process.ask({ do: 'train', ...trial });
  }

  close() {
    return this.#process.close();
  }
}
