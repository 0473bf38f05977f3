import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

/**
 * The parts of the command's `--json` answers that the tools read.
 *
 * @import { NetworkSettings, Outcome } from '@factory/domain'
 *
 * @typedef {object} DeclaredSource a newly filled source
 * @property {string} connectionEnv
 * @property {string} [connectionString] of the reader that was created
 *
 * @typedef {object} SimulatedShop
 * @property {string} database
 * @property {{id: number}[]} products
 * @property {{defaultGoal: string, features: {table: string, key: string}[]}} entry as in sources.yaml
 *
 * @typedef {object} ImportedFile
 * @property {number} rows
 * @property {number} goals
 *
 * @typedef {object} TrialAnswer
 * @property {(NetworkSettings & { trial: number })} combination
 * @property {string | null} engine
 * @property {number | null} seconds
 * @property {number | null} rocAuc
 * @property {number | null} prAuc
 * @property {number | null} naturalTestLogLoss
 *
 * @typedef {object} RunAnswer
 * @property {string} run
 * @property {string} source
 * @property {number} product
 * @property {Outcome | null} outcome
 * @property {string | null} reason
 * @property {number | null} seconds
 * @property {{start: string, trainEnd: string, sales: number} | null} window
 * @property {TrialAnswer[]} trials
 * @property {number | null} winner number of the trial
 * @property {{decision: string, decisive: string | null, words: string | null} | null} verdict
 * @property {{metrics: {judging: JudgedAnswer | null}} | null} evaluation
 * @property {ControlOverheadAnswer} controlOverhead
 *
 * @typedef {object} JudgedAnswer figures of the judging rows
 * @property {number} logLoss
 * @property {number} calibrationRatio
 * @property {number | string} calibrationSlope
 * @property {Record<string, {lower95: number, upper95: number}>} [intervals]
 *
 * @typedef {object} ControlOverheadAnswer
 * @property {{from: string, to: string, overheadMs: number}[]} transitions
 * @property {number | null} medianMs
 * @property {number} totalMs
 *
 * @typedef {object} ModelAnswer
 * @property {string} run
 * @property {string} location
 * @property {{judgedOn: string, rocAuc: number, liftAt5: number, calibrationRatio: number}} metrics
 *
 * @typedef {object} ScoredVisit
 * @property {number} probability
 * @property {number} percentile
 */

/** The `factory` command as an operator runs it: one process per call. */
export class FactoryCommand {
  /** @param {NodeJS.ProcessEnv} env read at each call */
  constructor(env) {
    this.env = env;
  }

  /**
   * @param {readonly string[]} args
   * @returns {Promise<string>} standard output
   * @throws with its message if it fails
   */
  async run(...args) {
    const child = spawn(process.execPath, [join(root, 'dist', 'apps', 'cli', 'main.cjs'), ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0)
      throw new Error(`factory ${args.join(' ')} ended with ${code}:\n${err.trim() || out.trim()}`);
    return out;
  }

  /**
   * @param {readonly string[]} options
   * @returns {Promise<SimulatedShop & DeclaredSource>}
   */
  simulate(...options) {
    return this.#json('simulate', ...options);
  }

  /**
   * @param {string} file
   * @param {readonly string[]} options
   * @returns {Promise<ImportedFile & DeclaredSource>}
   */
  importFile(file, ...options) {
    return this.#json('import', file, ...options);
  }

  /**
   * @param {string} run
   * @returns {Promise<RunAnswer>}
   */
  showRun(run) {
    return this.#json('runs', 'show', run);
  }

  /** @returns {Promise<ModelAnswer[]>} versions in force */
  models() {
    return this.#json('models');
  }

  /**
   * @param {string} file
   * @param {{source: string, product: number}} model
   * @returns {Promise<ScoredVisit[]>} rows of the file with their scores
   */
  score(file, { source, product }) {
    return this.#json('score', file, '--source', source, '--product', String(product));
  }

  /**
   * @template Answer
   * @param {readonly string[]} args
   * @returns {Promise<Answer>} see the typedefs above
   */
  async #json(...args) {
    return JSON.parse(await this.run(...args, '--json'));
  }
}
