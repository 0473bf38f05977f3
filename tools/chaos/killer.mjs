import { setTimeout as sleep } from 'node:timers/promises';
import { eraseServer, killServer, startServer } from '../stack/stack.mjs';
import { outageKind } from './outage-kinds.mjs';

/**
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { KeptService } from './kept-service.mjs'
 * @import { KillStep } from './kill-plan.mjs'
 * @import { Outages } from './outages.mjs'
 * @import { ProgressWatch } from './progress-watch.mjs'
 *
 * @typedef {'broker' | 'database' | 'store'} Role of a server
 */

/** Kills and restarts. */
export class Killer {
  #sandbox;
  #services;
  #watch;
  #outages;

  /**
   * @param {Sandbox} sandbox
   * @param {readonly KeptService[]} services
   * @param {Pick<ProgressWatch, 'onUnavailable' | 'onAvailable'>} watch is notified about servers
   * @param {Outages} outages
   */
  constructor(sandbox, services, watch, outages) {
    this.#sandbox = sandbox;
    this.#services = services;
    this.#watch = watch;
    this.#outages = outages;
  }

  /**
   * Resolves when a server can be used again; a service is being restarted by then.
   *
   * @param {KillStep} step
   */
  async kill(step) {
    const { victim, copy } = step;
    const outage = outageKind(victim);
    if (outage) return this.#outages.cause(step, outage);
    if (victim === 'broker and its store') return this.#loseBroker(step);
    if (victim === 'broker' || victim === 'database' || victim === 'store')
      return this.#restart(victim, step);
    const copies = this.#services.filter(({ name }) => name === victim);
    const killed = copies[Math.floor(copy * copies.length)];
    if (!killed) throw new Error(`${victim}: no process of that name is running`);
    await killed.kill();
  }

  /** @param {KillStep} step */
  async #loseBroker(step) {
    await this.#restart('broker', step, {
      whileDown: () => eraseServer(this.#sandbox.stack, 'broker'),
      onceUp: () => this.#sandbox.factory.run('provision'),
    });
  }

  /**
   * @param {Role} role
   * @param {KillStep} step
   * @param {{whileDown?: () => Promise<unknown>, onceUp?: () => Promise<unknown>}} also
   */
  async #restart(role, { downSeconds }, { whileDown, onceUp } = {}) {
    this.#watch.onUnavailable(role);
    await killServer(this.#sandbox.stack, role, 'SIGKILL');
    await sleep(downSeconds * 1_000);
    await whileDown?.();
    await startServer(this.#sandbox.stack, role);
    await onceUp?.();
    this.#watch.onAvailable(role);
  }
}
