import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @typedef {{do: string} & Record<string, unknown>} Question
 * @typedef {{answer: unknown} | {failure: string}} Reply
 */

/** Length of the kept end of standard error: enough to see why a process ended. */
const KEPT_CHARACTERS = 3_000;
const ENDS_WITHIN_MS = 3_000;

/** A process that answers questions one by one, one JSON object per line (peers/lines.py, serve-lines.mjs). */
export class LineProcess {
  #child;
  #lines;
  #errors = '';
  /** @type {Promise<string>} describes how it ended */
  #ended;

  /**
   * @param {string} file program
   * @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} env added to this process's environment
   */
  constructor(file, args, env = {}) {
    const child = spawn(file, args, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stderr.on('data', (chunk) => (this.#errors = (this.#errors + chunk).slice(-KEPT_CHARACTERS)));
    child.stdin.on('error', () => undefined);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
    });
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error if it could not be started */
  get pid() {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#name} was not started`);
    return pid;
  }

  get #name() {
    return this.#child.spawnargs.slice(1).join(' ');
  }

  /**
   * One question at a time.
   *
   * @template Answer type of the program's answer
   * @param {Question} question
   * @returns {Promise<Answer>}
   * @throws with the process's error message
   */
  async ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name}: ${await this.#ended}:\n${this.#errors}`);
    /** @type {Reply} */
    const reply = JSON.parse(value);
    if ('failure' in reply) throw new Error(`${this.#name}: ${reply.failure}`);
    return /** @type {Answer} */ (reply.answer);
  }

  /** Waits for it to exit; kills it if it does not. */
  async close() {
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), ENDS_WITHIN_MS);
    await this.#ended;
    clearTimeout(late);
  }
}
