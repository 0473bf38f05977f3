import { setTimeout as sleep } from 'node:timers/promises';

/** @import { ServiceProcess } from '../sandbox/service-process.mjs' */

const AGAIN_AFTER_MS = 300;

/** Keeps one service process running, like an orchestrator: it is restarted whenever it ends. */
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
    this.#running = this.#keep();
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
}
