import { join } from 'node:path';
import { LineProcess } from './line-process.mjs';
import { PEERS } from './python.mjs';

/**
 * @typedef {object} JudgedLogits
 * @property {string} folder of the data, as matrix-folder.mjs writes it
 * @property {string} logits folder of logits-<part>.f32
 * @property {'train' | 'validation' | 'test'} part
 * @property {boolean} [natural] after the prior shift, rows weighted (default: as drawn)
 *
 * @typedef {{auc: number, logLoss: number}} Judgement
 */

/** Evaluates logits with scikit-learn, whichever program computed them. */
export class Judge {
  #process;

  /** @param {string} python */
  constructor(python) {
    this.#process = new LineProcess(python, [join(PEERS, 'metrics.py')]);
  }

  /**
   * @param {JudgedLogits} judged
   * @returns {Promise<Judgement>}
   */
  judge(judged) {
    return this.#process.ask({ do: 'judge', ...judged });
  }

  close() {
    return this.#process.close();
  }
}
