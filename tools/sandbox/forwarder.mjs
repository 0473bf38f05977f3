import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @import { Server, Socket } from 'node:net' */

const MYSQL_PORT = 3306;

/** A loopback port in front of a server, so that the server can appear dead, silent or flapping to some clients only. */
export class Forwarder {
  /** @type {Server} */
  #server;
  #target;
  #port = 0;
  /** @type {Set<readonly [Socket, Socket]>} client and server of each connection */
  #pairs = new Set();
  #swallowing = false;

  /** @param {string} url of the server */
  constructor(url) {
    this.#target = new URL(url);
    this.#server = createServer((client) => this.#take(client));
  }

  /**
   * @param {string} url of the server
   * @returns {Promise<Forwarder>} open
   */
  static async open(url) {
    const forwarder = new Forwarder(url);
    await forwarder.reopen();
    // A process that forgets to close it can still exit.
    forwarder.#server.unref();
    return forwarder;
  }

  /** The server's address through this port. */
  get url() {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  /** Refuses connections and cuts open ones, like a killed server. */
  async close() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#cut();
    await closed;
  }

  /** Accepts connections again, on the same port. */
  async reopen() {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
  }

  /**
   * Accepts connections but forwards nothing, like a network that drops packets. At the end all connections are cut.
   *
   * @param {boolean} on
   */
  swallow(on) {
    this.#swallowing = on;
    if (!on) return this.#cut();
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /**
   * Closes and opens again each `everyMs`.
   *
   * @param {number} everyMs
   * @returns {() => Promise<void>} stops this, with the port open
   */
  flap(everyMs) {
    let stopped = false;
    const pause = () => new Promise((resolve) => setTimeout(resolve, everyMs));
    const flapping = (async () => {
      while (!stopped) {
        await this.close();
        await pause();
        await this.reopen();
        if (!stopped) await pause();
      }
    })();
    return async () => {
      stopped = true;
      await flapping;
    };
  }

  #cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    this.#pairs.clear();
  }

  /** @param {Socket} client */
  #take(client) {
    const server = connect(Number(this.#target.port || MYSQL_PORT), this.#target.hostname);
    const pair = /** @type {const} */ ([client, server]);
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    this.#pass(client, server, end);
    this.#pass(server, client, end);
  }

  /**
   * @param {Socket} from
   * @param {Socket} to
   * @param {() => void} end
   */
  #pass(from, to, end) {
    from.setNoDelay(true);
    from.on('error', end);
    from.on('close', end);
    from.on('data', (data) => to.write(data));
    if (this.#swallowing) from.pause();
  }
}
