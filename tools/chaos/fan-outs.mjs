import { connect } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = 'main';
const LOOK_EVERY_MS = 1_000;
/** A request that the ledger does not know by then is sent again under the same id: a broker may lose its store. */
const SEND_AGAIN_MS = 10_000;

/**
 * Keeps the factory busy: asks for all products again as soon as few runs are in flight. Every request has a seed
 * of its own, so that successive models differ and some are promoted.
 */
export class FanOuts {
  requests = [];
  sentAgain = 0;
  stopped = false;

  /** @param {{url: string, ledger: object, seed: number, fewRuns: number, say: (line: string) => void}} options */
  constructor(options) {
    this.options = options;
  }

  async start() {
    this.connection = await connect({
      servers: this.options.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 300,
    });
    this.running = this.run();
  }

  /** Asks for no more; resolves when every request that was sent is known to the ledger. */
  async stop() {
    this.stopped = true;
    await this.running;
    for (const request of this.requests) await this.untilTaken(request);
    await this.connection.close();
  }

  async run() {
    while (!this.stopped) {
      await sleep(LOOK_EVERY_MS);
      const inFlight = await this.runsInFlight();
      if (inFlight === undefined || inFlight > this.options.fewRuns) continue;
      await this.request();
    }
  }

  /** Asks for all products of a source and waits for nothing; `stop` sees that the request is known at last. */
  async publish(source = MAIN) {
    const number = this.requests.length + 1;
    const { seed, say } = this.options;
    const requestId = `chaos-${seed}-${number}`;
    const body = JSON.stringify({ productId: 0, source, grid: 'quick', requestId, seed: requestId });
    const request = { requestId, source, body };
    this.requests.push(request);
    say(`request ${requestId}: all products of ${source}`);
    this.connection.publish('factory.retrain.requested', body);
    return request;
  }

  async request() {
    await this.untilTaken(await this.publish());
  }

  async untilTaken({ requestId, body }) {
    for (let sent = 0; ; sent++) {
      if (sent > 0) {
        this.sentAgain++;
        this.connection.publish('factory.retrain.requested', body);
      }
      const until = Date.now() + SEND_AGAIN_MS;
      while (Date.now() < until) {
        await sleep(LOOK_EVERY_MS / 2);
        if (await this.isTaken(requestId)) return;
      }
    }
  }

  /** Undefined while the database is away. */
  async runsInFlight() {
    const count = this.options.ledger.value('SELECT COUNT(*) FROM factory_run WHERE outcome IS NULL');
    return count.then(Number, () => undefined);
  }

  async isTaken(requestId) {
    const count = this.options.ledger.value('SELECT COUNT(*) FROM factory_request WHERE request_key = ?', [
      requestId,
    ]);
    return count.then(
      (known) => Number(known) === 1,
      () => false,
    );
  }
}
