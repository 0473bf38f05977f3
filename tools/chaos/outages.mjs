import { setTimeout as sleep } from 'node:timers/promises';
import { GOES_ON_WITHIN_SECONDS } from './outage-checks.mjs';
import { LEAST_DEAD_SECONDS, MAIN } from './outage-kinds.mjs';

/**
 * @import { Ledger } from '../sandbox/ledger.mjs'
 * @import { KillStep } from './kill-plan.mjs'
 * @import { PastOutage } from './outage-checks.mjs'
 * @import { OutageKind, OutageSite } from './outage-kinds.mjs'
 * @import { ProgressWatch } from './progress-watch.mjs'
 */

const LOOK_EVERY_MS = 500;
/** Value for an outage that stops no source: there is nothing to compare. */
const NOTHING_BESIDE = { waited: true, othersAfterSeconds: 0 };

/** Makes servers unusable for a while, and records the effects. */
export class Outages {
  /** @type {PastOutage[]} */
  past = [];
  #site;
  #ledger;
  #watch;
  #request;

  /**
   * @param {OutageSite} site
   * @param {Ledger} ledger
   * @param {Pick<ProgressWatch, 'onUnavailable' | 'onAvailable'>} watch is notified
   * @param {(source: string) => void} request requests all products of a source
   */
  constructor(site, ledger, watch, request) {
    this.#site = site;
    this.#ledger = ledger;
    this.#watch = watch;
    this.#request = request;
  }

  /**
   * Resolves when the server can be used again and work has continued.
   *
   * @param {KillStep} step
   * @param {OutageKind} kind
   */
  async cause(step, { server, source, why, seconds, begin }) {
    const name = step.victim;
    this.#watch.onUnavailable(name);
    const began = Date.now();
    const end = await begin(this.#site);
    const beside = source === MAIN ? NOTHING_BESIDE : this.#besideDeadSource(source);
    try {
      await sleep(seconds(step) * 1_000);
    } finally {
      await end();
      this.#watch.onAvailable(name);
    }
    const ended = Date.now();
    const goesOnAfterSeconds = await this.#untilWorkGoesOn(server, source);
    this.past.push({ kind: name, server, source, why, began, ended, goesOnAfterSeconds, ...(await beside) });
  }

  /**
   * Checks that requests for a dead source wait, and that work on other sources continues.
   *
   * @param {string} source
   */
  async #besideDeadSource(source) {
    this.#request(source);
    this.#request(MAIN);
    const others = this.#untilWorkGoesOn('source', MAIN);
    const until = Date.now() + LEAST_DEAD_SECONDS * 1_000;
    let waited = false;
    while (!waited && Date.now() < until) {
      await sleep(LOOK_EVERY_MS);
      waited = (await this.#waiting(source)) > 0;
    }
    return { waited, othersAfterSeconds: await others };
  }

  /**
   * Requests and units of work that wait for a source, by the ledger; 0 if it does not answer.
   *
   * @param {string} source
   */
  #waiting(source) {
    const waiting = this.#ledger.count(
      `SELECT (SELECT COUNT(*) FROM factory_request_wait WHERE source = ?) +
              (SELECT COUNT(*) FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
                WHERE r.source = ? AND s.wait_since IS NOT NULL)`,
      [source, source],
    );
    return waiting.catch(() => 0);
  }

  /**
   * Waits until a process claims or finishes work that needs the server.
   *
   * @param {OutageKind['server']} server
   * @param {string} source
   * @returns {Promise<number>} seconds; gives up after twice the allowed time
   */
  async #untilWorkGoesOn(server, source) {
    const began = performance.now();
    const before = await this.#progress(server, source);
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const seconds = (performance.now() - began) / 1_000;
      if ((await this.#progress(server, source)) !== before || seconds > 2 * GOES_ON_WITHIN_SECONDS)
        return seconds;
    }
  }

  /**
   * A number that grows with every claim and every result; undefined if the ledger does not answer.
   *
   * @param {OutageKind['server']} server
   * @param {string} source
   */
  #progress(server, source) {
    const ofSource = "WHERE r.source = ? AND s.stage IN ('data-prep', 'sampling')";
    const [stages, parameters] = server === 'source' ? [ofSource, [source]] : ['', []];
    const progress = this.#ledger.count(
      `SELECT COALESCE(SUM(s.token), 0) + COALESCE(SUM(s.status = 'done'), 0) + COUNT(*)
         FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id ${stages}`,
      parameters,
    );
    return progress.catch(() => undefined);
  }
}
