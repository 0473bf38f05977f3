import { join } from 'node:path';
import { LineProcess } from './line-process.mjs';
import { PEERS } from './python.mjs';

/** The factory's trials looped in Keras `fit`, and judged by scikit-learn. */
export class KerasTrials {
  constructor(python) {
    this.keras = new LineProcess(python, [join(PEERS, 'keras_trials.py')]);
    this.judge = new LineProcess(python, [join(PEERS, 'metrics.py')]);
  }

  /** @param {string} folder as matrix-folder.mjs writes it, with an empty folder `logits` */
  async load(folder) {
    this.folder = folder;
    await this.keras.ask({ do: 'load', folder });
  }

  /**
   * @param {readonly object[]} combinations trained one after the other
   * @param {(line: string) => void} say
   * @returns {Promise<{engine: string, trials: number, epochs: number, seconds: number, winner: object,
   *   winnerEpochs: number, testLogLoss: number}>} seconds of the trials alone; winner by natural validation log-loss
   */
  async train(combinations, say) {
    const logits = join(this.folder, 'logits');
    let [epochs, seconds, best] = [0, 0, undefined];
    for (const [at, combination] of combinations.entries()) {
      say(`Keras: trial ${at + 1} of ${combinations.length}`);
      const trained = await this.keras.ask({ do: 'train', combination, seed: at + 1, logits });
      epochs += trained.epochs;
      seconds += trained.seconds;
      const { logLoss: validation } = await this.natural('validation', logits);
      if (best && best.validation <= validation) continue;
      const { logLoss: testLogLoss } = await this.natural('test', logits);
      best = { validation, winner: combination, winnerEpochs: trained.epochs, testLogLoss };
    }
    const { winner, winnerEpochs, testLogLoss } = best;
    const engine = 'Keras fit';
    return { engine, trials: combinations.length, epochs, seconds, winner, winnerEpochs, testLogLoss };
  }

  natural(part, logits) {
    return this.judge.ask({ do: 'judge', folder: this.folder, logits, part, natural: true });
  }

  async close() {
    await Promise.all([this.keras.close(), this.judge.close()]);
  }
}
