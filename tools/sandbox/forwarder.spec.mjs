import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Forwarder } from './forwarder.mjs';

/** @import { Server, Socket } from 'node:net' */

describe('a forwarder in front of a server', () => {
  /** @type {Server} */
  let server;
  /** @type {Forwarder} */
  let door;
  /** @type {Socket[]} */
  let clients;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    door = await Forwarder.open(`mysql://user:secret@127.0.0.1:${port}/shop`);
    clients = [];
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await door.close();
    server.close();
  });

  function newClient() {
    const { port } = new URL(door.url);
    const client = connect(Number(port), '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  /** @param {Socket} client */
  async function echo(client) {
    client.write('hello');
    const [data] = await once(client, 'data');
    return String(data);
  }

  it('has the URL of the server, with the same account and database', async () => {
    expect(door.url).toMatch(/^mysql:\/\/user:secret@127\.0\.0\.1:\d+\/shop$/);
    expect(await echo(newClient())).toBe('hello');
  });

  it('cuts connections and refuses new ones while closed, until it is opened on the same port', async () => {
    const { url } = door;
    const client = newClient();
    await echo(client);
    const cut = once(client, 'close');
    await door.close();
    await cut;
    await expect(once(newClient(), 'connect')).rejects.toThrow(/ECONNREFUSED/);
    await door.reopen();
    expect(door.url).toBe(url);
    expect(await echo(newClient())).toBe('hello');
  });

  it('accepts connections and forwards nothing while it is silent', async () => {
    const before = newClient();
    await echo(before);
    door.swallow(true);
    for (const client of [before, newClient()]) {
      const passed = Promise.race([echo(client), sleep(150, 'nothing')]);
      expect(await passed).toBe('nothing');
    }
    const cut = once(before, 'close');
    door.swallow(false);
    await cut;
    expect(await echo(newClient())).toBe('hello');
  });

  it('is open after flapping has been stopped', async () => {
    const stop = door.flap(10);
    await sleep(50);
    await stop();
    expect(await echo(newClient())).toBe('hello');
  });
});
