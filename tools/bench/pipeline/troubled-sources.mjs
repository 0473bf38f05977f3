import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { Forwarder } from '../../sandbox/forwarder.mjs';
import { requestRetrain } from '../../sandbox/retrain.mjs';

/**
 * @import { NatsConnection } from '@nats-io/transport-node'
 * @import { Ledger } from '../../sandbox/ledger.mjs'
 * @import { Sandbox } from '../../sandbox/sandbox.mjs'
 *
 * @typedef {(typeof TROUBLED)[number]} TroubledSource
 */

/** Requests for each. */
export const REQUESTS = 30;
/** Products of each: its requests take them in turn. */
const PRODUCTS = 6;
const FLAP_MS = 1_000;
/** Closed; accepting connections without answering; no longer answering in mid-run; on and off every second. */
const TROUBLED = /** @type {const} */ (['dead', 'silent', 'dying', 'flapping']);

/** Sources that become unavailable, each in a different way, while many requests for them arrive. */
export class TroubledSources {
  #connection;
  #ledger;
  #doors;
  #stopFlapping = async () => {};
  #rounds = 0;

  /**
   * @param {NatsConnection} connection
   * @param {Ledger} ledger
   * @param {Record<TroubledSource, Forwarder>} doors forwarders in front of them
   */
  constructor(connection, ledger, doors) {
    this.#connection = connection;
    this.#ledger = ledger;
    this.#doors = doors;
  }

  /**
   * Loads their products and puts a forwarder in front of each.
   *
   * @param {Sandbox} sandbox without services
   * @param {Ledger} ledger
   * @param {(line: string) => void} say
   */
  static async open(sandbox, ledger, say) {
    /** @param {TroubledSource} source */
    const openDoor = async (source) => {
      say(`loading ${PRODUCTS} products as source ${source}`);
      const { connectionEnv } = await loadFleet(sandbox, {
        products: PRODUCTS,
        policy: { epochs: 2 },
        source,
      });
      const door = await Forwarder.open(sandbox.connectionOf(connectionEnv));
      sandbox.declare({ connectionEnv, connectionString: door.url });
      return door;
    };
    const doors = {
      dead: await openDoor('dead'),
      silent: await openDoor('silent'),
      dying: await openDoor('dying'),
      flapping: await openDoor('flapping'),
    };
    return new TroubledSources(await connect({ servers: sandbox.env.NATS_URL }), ledger, doors);
  }

  /**
   * Makes them unavailable and requests their products.
   *
   * @param {number} diesAfterMs until the dying one stops answering
   */
  async begin(diesAfterMs) {
    this.#rounds++;
    await this.#doors.dead.close();
    this.#doors.silent.swallow(true);
    this.#stopFlapping = this.#doors.flapping.flap(FLAP_MS);
    for (const source of TROUBLED)
      for (let at = 0; at < REQUESTS; at++)
        requestRetrain(this.#connection, {
          ...{ productId: (at % PRODUCTS) + 1, source, until: 'sampling', seed: `${this.#rounds}-${at}` },
        });
    await this.#connection.flush();
    setTimeout(() => this.#doors.dying.swallow(true), diesAfterMs);
  }

  /** Waiting work in the ledger, and used attempts. */
  async waiting() {
    return {
      waitingRequests: await this.#ledger.count('SELECT COUNT(*) FROM factory_request_wait'),
      waitingRuns: await this.#ledger.count(
        `SELECT COUNT(*) FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
          WHERE s.wait_since IS NOT NULL AND r.outcome IS NULL`,
      ),
      attemptsUsed: await this.#ledger.count('SELECT COALESCE(SUM(attempt), 0) FROM factory_stage'),
    };
  }

  /** Cancels waiting work and makes the sources available again: the factory is idle afterwards. */
  async end() {
    const manager = await jetstreamManager(this.#connection);
    for (const stream of ['FACTORY_REQUESTS', 'FACTORY']) await manager.streams.purge(stream);
    await this.#ledger.rows(
      "UPDATE factory_run SET outcome = 'cancelled', active = NULL WHERE outcome IS NULL",
    );
    await this.#ledger.rows('DELETE FROM factory_request_wait');
    await this.#stopFlapping();
    await this.#doors.dead.reopen();
    this.#doors.silent.swallow(false);
    this.#doors.dying.swallow(false);
  }

  async close() {
    await this.#stopFlapping();
    await this.#connection.close();
    for (const door of Object.values(this.#doors)) await door.close();
  }
}
