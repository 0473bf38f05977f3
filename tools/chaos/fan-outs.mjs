import { connect } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestRetrain } from '../sandbox/retrain.mjs';

/**
 * @import { NatsConnection } from '@nats-io/transport-node'
 * @import { Ledger } from '../sandbox/ledger.mjs'
 *
 * @typedef {object} SentRequest for all products of a source
 * @property {string} requestId
 * @property {string} source
 *
 * @typedef {object} FanOutOptions
 * @property {string} url of the broker
 * @property {Ledger} ledger
 * @property {number} seed
 * @property {number} fewRuns if no more are in progress, the next request is sent
 * @property {(line: string) => void} say
 */

const MAIN = 'main';
const LOOK_EVERY_MS = 1_000;
/** A request that is not in the ledger by then is sent again under the same id: a broker may lose its store. */
const SEND_AGAIN_MS = 10_000;

/**
 * Keeps the factory busy: requests all products again as soon as few runs are in progress. Every request has a
 * different seed, so that successive models differ and some are promoted.
 */
export class FanOuts {
  /** @type {SentRequest[]} */
  requests = [];
  sentAgain = 0;
  #connection;
  #options;
  #stopped = false;
  #abandoned = false;
  #running = Promise.resolve();

  /**
   * @param {NatsConnection} connection
   * @param {FanOutOptions} options
   */
  constructor(connection, options) {
    this.#connection = connection;
    this.#options = options;
  }

  /** @param {FanOutOptions} options */
  static async start(options) {
    const connection = await connect({
      servers: options.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 300,
    });
    const fanOuts = new FanOuts(connection, options);
    fanOuts.#running = fanOuts.#run();
    return fanOuts;
  }

  /** Stops sending; resolves when every sent request is in the ledger. */
  async stop() {
    this.#stopped = true;
    await this.#running;
    for (const request of this.requests) await this.#untilTaken(request);
    await this.#connection.close();
  }

  /** Stops sending, and ignores requests that are not in the ledger. */
  async abandon() {
    this.#stopped = true;
    this.#abandoned = true;
    await this.#running;
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  /**
   * Requests all products of a source without waiting; `stop` makes sure that the request is in the ledger.
   *
   * @param {string} source
   * @returns {SentRequest}
   */
  publish(source = MAIN) {
    const number = this.requests.length + 1;
    const request = { requestId: `chaos-${this.#options.seed}-${number}`, source };
    this.requests.push(request);
    this.#options.say(`request ${request.requestId}: all products of ${source}`);
    this.#send(request);
    return request;
  }

  async #run() {
    while (!this.#stopped) {
      await sleep(LOOK_EVERY_MS);
      const inFlight = await this.#runsInFlight();
      if (inFlight === undefined || inFlight > this.#options.fewRuns) continue;
      await this.#untilTaken(this.publish());
    }
  }

  /** @param {SentRequest} request */
  #send({ requestId, source }) {
    requestRetrain(this.#connection, { productId: 0, source, grid: 'quick', requestId, seed: requestId });
  }

  /** @param {SentRequest} request */
  async #untilTaken(request) {
    for (let sent = 0; !this.#abandoned; sent++) {
      if (sent > 0) {
        this.sentAgain++;
        this.#send(request);
      }
      const until = Date.now() + SEND_AGAIN_MS;
      while (Date.now() < until && !this.#abandoned) {
        await sleep(LOOK_EVERY_MS / 2);
        if (await this.#isTaken(request)) return;
      }
    }
  }

  /** Undefined while the database is unavailable. */
  #runsInFlight() {
    const count = this.#options.ledger.count('SELECT COUNT(*) FROM factory_run WHERE outcome IS NULL');
    return count.catch(() => undefined);
  }

  /** @param {SentRequest} request */
  #isTaken({ requestId }) {
    const known = 'SELECT COUNT(*) FROM factory_request WHERE request_key = ?';
    return this.#options.ledger.count(known, [requestId]).then(
      (count) => count === 1,
      () => false,
    );
  }
}
