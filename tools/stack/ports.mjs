import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below every system's ephemeral range, so that no outgoing connection takes the port of a stopped server. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Handed out by this process, perhaps not listened on yet. */
const taken = new Set();

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * Picks a free loopback port for each name.
 *
 * @param {readonly string[]} names
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(names) {
  const ports = {};
  for (const name of names) {
    let port = randomInt(LOWEST, HIGHEST);
    while (taken.has(port) || !(await isFree(port))) port = randomInt(LOWEST, HIGHEST);
    taken.add(port);
    ports[name] = port;
  }
  return ports;
}
