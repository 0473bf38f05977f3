import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below every system's ephemeral range, so that no outgoing connection gets the port of a stopped server. */
export const LOWEST = 20_000;
export const HIGHEST = 32_000;

/** Assigned by this process, perhaps not listened on yet. @type {Set<number>} */
const taken = new Set();

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
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
 * @param {() => number} [draw] a port that may be free
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(names, draw = () => randomInt(LOWEST, HIGHEST)) {
  /** @type {Record<string, number>} */
  const ports = {};
  for (const name of names) {
    let port = draw();
    while (taken.has(port) || !(await isFree(port))) port = draw();
    taken.add(port);
    ports[name] = port;
  }
  return ports;
}
