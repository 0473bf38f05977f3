import { setTimeout as sleep } from 'node:timers/promises';

/** @import { ServiceProcess } from '../sandbox/service-process.mjs' */

const AGAIN_AFTER_MS = 300;
/** Between two questions whether it is ready: an idle service notices the fault of a server by them. */
const PROBE_MS = 2_000;
const PROBE_TIMEOUT_MS = 5_000;

/** Keeps one service process running, like an orchestrator: restarts it whenever it ends, and asks whether it is ready. */
export class KeptService {
  /**
   * Unrequested exits, with the end of the log.
   *
   * @type {string[]}
   */
  crashes = [];
  #killed = false;
  #closing = false;
  #running;

  /** @param {ServiceProcess} service already started */
  constructor(service) {
    this.service = service;
    this.name = service.name;
    this.#running = Promise.all([this.#keep(), this.#probe()]);
  }

  /** SIGKILL, also while it is starting. */
  async kill() {
    this.#killed = true;
    await this.service.kill();
  }

  /** Stops it without another restart. */
  async release() {
    this.#closing = true;
    await this.service.stop();
    await this.#running;
  }

  async #keep() {
    while (!this.#closing) {
      await this.service.ended;
      if (this.#closing) return;
      if (!this.#killed) this.crashes.push(this.service.readLog().slice(-1_000));
      this.#killed = false;
      await sleep(AGAIN_AFTER_MS);
      // If it is killed or fails while it starts, the loop continues.
      await this.service.start().catch(() => undefined);
    }
  }

  async #probe() {
    while (!this.#closing) {
      const { port } = this.service;
      if (port > 0)
        // Only the service's own log counts; a process that has just been killed does not answer.
        await fetch(`http://127.0.0.1:${port}/health/ready`, {
          signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
        })
          .then((answer) => answer.arrayBuffer())
          .catch(() => undefined);
      await sleep(PROBE_MS);
    }
  }
}
