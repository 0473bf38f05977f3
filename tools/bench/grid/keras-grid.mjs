import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Judge } from '../peers/judge.mjs';
import { LineProcess } from '../peers/line-process.mjs';
import { PEERS } from '../peers/python.mjs';
import { TrialProgram } from '../peers/trial-program.mjs';

/**
 * @import { NetworkSettings } from '@factory/domain'
 * @import { TrainedGrid } from './grid-rows.mjs'
 */

/** The factory's trials in a loop of Keras `fit`, evaluated by scikit-learn. */
export class KerasGrid {
  #keras;
  #judge;
  #folder;

  /**
   * @param {string} python
   * @param {string} folder of the data, as matrix-folder.mjs writes it
   */
  constructor(python, folder) {
    this.#keras = new TrialProgram(new LineProcess(python, [join(PEERS, 'keras_trials.py')]));
    this.#judge = new Judge(python);
    this.#folder = folder;
  }

  /** Reads the data into memory. */
  async load() {
    await this.#keras.load(this.#folder);
  }

  /**
   * @param {readonly NetworkSettings[]} combinations trained one after the other
   * @param {(line: string) => void} say
   * @returns {Promise<TrainedGrid>} seconds of the trials alone; winner by natural validation log-loss
   */
  async train(combinations, say) {
    const logits = join(this.#folder, 'logits');
    mkdirSync(logits, { recursive: true });
    let [epochs, seconds] = [0, 0];
    /** @type {(Pick<TrainedGrid, 'winner' | 'winnerEpochs' | 'testLogLoss'> & {validation: number}) | undefined} */
    let best;
    for (const [at, combination] of combinations.entries()) {
      say(`Keras: trial ${at + 1} of ${combinations.length}`);
      const trained = await this.#keras.train({ combination, seed: at + 1, logits });
      epochs += trained.epochs;
      seconds += trained.seconds;
      const validation = await this.#logLoss('validation', logits);
      if (best && best.validation <= validation) continue;
      const testLogLoss = await this.#logLoss('test', logits);
      best = { validation, winner: combination, winnerEpochs: trained.epochs, testLogLoss };
    }
    if (!best) throw new Error('Keras was given no combination');
    const { winner, winnerEpochs, testLogLoss } = best;
    const engine = 'Keras fit';
    return { engine, trials: combinations.length, epochs, seconds, winner, winnerEpochs, testLogLoss };
  }

  /**
   * @param {'validation' | 'test'} part
   * @param {string} logits
   */
  async #logLoss(part, logits) {
    const { logLoss } = await this.#judge.judge({ folder: this.#folder, logits, part, natural: true });
    return logLoss;
  }

  async close() {
    await Promise.all([this.#keras.close(), this.#judge.close()]);
  }
}
