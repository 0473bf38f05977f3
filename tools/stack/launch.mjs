import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../workspace/error-message.mjs';
import { composeStart } from './docker.mjs';
import { freePorts } from './ports.mjs';
import { isAlive, startDetached, tailOf } from './processes.mjs';
import { serverOf } from './servers.mjs';
import { knownServer, readState, writeServer } from './state.mjs';

/** @typedef {import('./server.mjs').Role} Role */

/** A newly started server creates its folders first; one given by the environment should already run. */
const READY_WITHIN_MS = { given: 10_000, docker: 60_000, process: 60_000 };
const PORT_ATTEMPTS = 5;

/**
 * Parameters of a server's start, in addition to its ports.
 *
 * @typedef {object} Fixed
 * @property {'docker' | 'process'} kind
 * @property {string} [database]
 * @property {string} binary empty for a container
 * @property {Record<string, string>} secrets
 */

/**
 * @param {string} dir
 * @param {Role} role
 */
const logOf = (dir, role) => join(dir, 'logs', `${role}.log`);

/**
 * Another stack may take a port between the check and its use: then the server gets other ports.
 *
 * @param {string} dir
 * @param {Role} role
 * @param {Fixed} fixed
 * @param {number} [attempt]
 * @returns {Promise<void>}
 */
export async function firstLaunch(dir, role, fixed, attempt = 1) {
  const server = serverOf(role, fixed);
  const ports = await freePorts(server.ports);
  writeServer(dir, role, { ...fixed, ports, env: server.environment({ ports, ...fixed }) });
  try {
    await launch(dir, role);
  } catch (error) {
    const isTaken = /address already in use|port is already allocated/i.test(messageOf(error));
    if (attempt === PORT_ATTEMPTS || !isTaken) throw error;
    rmSync(join(dir, role), { recursive: true, force: true });
    rmSync(logOf(dir, role), { force: true });
    await firstLaunch(dir, role, fixed, attempt + 1);
  }
}

/**
 * Starts a server on its own ports and data, and waits until it is ready.
 *
 * @param {string} dir
 * @param {Role} role
 */
export async function launch(dir, role) {
  const known = knownServer(dir, role);
  if (known.kind === 'docker') {
    await composeStart(dir, role, readState(dir).servers);
  } else if (known.kind === 'process') {
    const folder = join(dir, role);
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(dir, 'logs'), { recursive: true });
    const command = await serverOf(role, known).command({ folder, ...known });
    const process = await startDetached({ ...command, cwd: folder, log: logOf(dir, role) });
    writeServer(dir, role, { ...known, process });
  }
  await waitUntilReady(dir, role);
}

/**
 * @param {string} dir
 * @param {Role} role
 * @throws Error with the end of its log if it exits, or is not ready in time
 */
export async function waitUntilReady(dir, role) {
  const known = knownServer(dir, role);
  const { title, ready } = serverOf(role, known);
  const limitMs = READY_WITHIN_MS[known.kind];
  const deadline = performance.now() + limitMs;
  for (;;) {
    /** @type {Error & {code?: string} | undefined} */
    const fault = await ready(known).then(
      () => undefined,
      (error) => error,
    );
    if (!fault) return;
    const ended = known.kind === 'process' && !isAlive(known.process);
    if (!ended && performance.now() < deadline) {
      await sleep(100);
      continue;
    }
    const why = ended ? 'ended while starting' : `is not ready after ${limitMs / 1000} s`;
    const log =
      known.kind === 'process' ? `\nThe end of ${logOf(dir, role)}:\n${tailOf(logOf(dir, role))}` : '';
    throw new Error(`${title} ${why} (${fault.message || fault.code || fault.name}).${log}`);
  }
}

/**
 * @param {string} dir
 * @param {Role} role
 * @returns {Promise<boolean>}
 */
export async function isRunning(dir, role) {
  const known = knownServer(dir, role);
  if (known.kind === 'process') return isAlive(known.process);
  return serverOf(role, known)
    .ready(known)
    .then(
      () => true,
      () => false,
    );
}
