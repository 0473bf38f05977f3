import { setTimeout as sleep } from 'node:timers/promises';

/** @import { ServiceProcess } from '../sandbox/service-process.mjs' */

const AGAIN_AFTER_MS = 300;

/** Keeps one service process running, as an orchestrator does: whenever it ends, it is started again. */
export class KeptService {
  /**
   * Ends that nobody asked for, with the end of the log.
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
    this.#running = this.#keep();
  }

  /** SIGKILL, whether it works or is just starting. */
  async kill() {
    this.#killed = true;
    await this.service.kill();
  }

  /** From now on it is not started again. */
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
      // One that is killed, or gives up, while it starts goes round again.
      await this.service.start().catch(() => undefined);
    }
  }
}
