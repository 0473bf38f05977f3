import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a process last wrote to standard error: enough to say why it ended. */
const KEPT_CHARACTERS = 3_000;

/** A process that answers questions one by one, one JSON object a line (peers/lines.py, serve-lines.mjs). */
export class LineProcess {
  /**
   * @param {string} file program
   * @param {readonly string[]} args
   * @param {NodeJS.ProcessEnv} env added to this process's own
   */
  constructor(file, args, env = {}) {
    this.child = spawn(file, args, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.errors = '';
    this.child.stderr.on('data', (chunk) => (this.errors = (this.errors + chunk).slice(-KEPT_CHARACTERS)));
    this.child.stdin.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.child.pid;
  }

  /**
   * One question at a time.
   *
   * @param {{do: string} & Record<string, unknown>} question
   * @throws with what the process says of its failure
   */
  async ask(question) {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.lines.next();
    const said = done ? `${await this.ended}:\n${this.errors}` : undefined;
    const { answer, failure = said } = done ? {} : JSON.parse(value);
    if (failure !== undefined) throw new Error(`${this.child.spawnargs.slice(1).join(' ')}: ${failure}`);
    return answer;
  }

  /** Lets it end by itself; kills it when it does not. */
  async close() {
    this.child.stdin.end();
    const late = setTimeout(() => this.child.kill('SIGKILL'), 3_000);
    await this.ended;
    clearTimeout(late);
  }
}
