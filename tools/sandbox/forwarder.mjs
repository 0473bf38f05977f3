import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A loopback port in front of a server, so that the server can seem dead, silent or flapping to some only. */
export class Forwarder {
  #pairs = new Set();
  #swallowing = false;

  /** @param {string} url of the server; @returns {Promise<Forwarder>} open */
  static async open(url) {
    const forwarder = new Forwarder();
    forwarder.target = new URL(url);
    forwarder.server = createServer((client) => forwarder.#take(client));
    await new Promise((resolve) => forwarder.server.listen(0, '127.0.0.1', resolve));
    // Whoever forgets to close it can end nevertheless.
    forwarder.server.unref();
    forwarder.port = forwarder.server.address().port;
    return forwarder;
  }

  /** The server's address by way of this port. */
  get url() {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /** Connections are refused, and those in hand are cut: a server that was killed. */
  async close() {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.#cut();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async reopen() {
    if (this.server.listening) return;
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  /** Connections are taken and nothing passes: a network that drops packets. Ends with every connection cut. */
  swallow(on) {
    this.#swallowing = on;
    if (!on) return this.#cut();
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Closes and opens again each `everyMs`. @returns what ends it, with the port open */
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

  #take(client) {
    const server = connect(Number(this.target.port || 3306), this.target.hostname);
    const pair = [client, server];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const [from, to] of [pair, [server, client]]) {
      from.setNoDelay(true);
      from.on('error', end);
      from.on('close', end);
      from.on('data', (data) => to.write(data));
      if (this.#swallowing) from.pause();
    }
  }
}
