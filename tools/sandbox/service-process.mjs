import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readImage } from '../packing/dockerfile.mjs';
import { root } from '../workspace/root.mjs';

const READY_MS = 90_000;
const STOP_MS = 40_000;

/**
 * Starts one service from its bundle and waits until it is ready.
 *
 * @param {string} name
 * @param {{log: string, env: NodeJS.ProcessEnv}} options
 * @throws with the end of its log
 */
export async function startService(name, { log, env }) {
  const service = new ServiceProcess(name, log, env);
  await service.start();
  return service;
}

/** One service as a process; its log goes to a file. */
export class ServiceProcess {
  /** Port of health checks and metrics; 0 before it is ready. */
  port = 0;
  /**
   * Settled when the process ends, with its exit code; null = ended by a signal.
   *
   * @type {Promise<number | null>}
   */
  ended = Promise.resolve(null);
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /**
   * @param {string} name
   * @param {string} log file
   * @param {NodeJS.ProcessEnv} env
   */
  constructor(name, log, env) {
    this.name = name;
    this.log = log;
    this.env = env;
  }

  /** @throws Error if it could not be started */
  get pid() {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} was not started`);
    return pid;
  }

  get alive() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async start() {
    const out = openSync(this.log, 'a');
    const offset = readFileSync(this.log).length;
    const child = spawn(process.execPath, [join(root, 'dist', 'apps', this.name, 'main.cjs')], {
      env: { ...memorySettings(), ...this.env },
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    this.#child = child;
    this.ended = new Promise((resolve) => child.once('exit', resolve));
    const deadline = Date.now() + READY_MS;
    for (;;) {
      const log = this.readLog(offset);
      const line = log.split('\n').find((one) => one.includes('"msg":"listening"'));
      if (line) {
        this.port = JSON.parse(line).port;
        return;
      }
      if (!this.alive || Date.now() > deadline)
        throw new Error(`${this.name} did not become ready:\n${log.slice(-1500)}`);
      await sleep(50);
    }
  }

  /** SIGTERM, like Kubernetes. */
  async stop() {
    const child = this.#child;
    if (!child || !this.alive) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await this.ended;
    clearTimeout(late);
  }

  /** SIGKILL: without cleanup. */
  async kill() {
    this.#child?.kill('SIGKILL');
    await this.ended;
  }

  /** @param {number} offset bytes to skip */
  readLog(offset = 0) {
    return readFileSync(this.log).subarray(offset).toString('utf8');
  }
}

/** Memory settings of the image for Node and the C library, which read them at start. */
function memorySettings() {
  const settings = Object.entries(readImage(root).environment);
  return Object.fromEntries(settings.filter(([name]) => /^(MALLOC_|NODE_OPTIONS$)/.test(name)));
}
