import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { composeKill } from './docker.mjs';
import { isRunning, launch } from './launch.mjs';
import { endProcess } from './processes.mjs';
import { ROLES } from './servers.mjs';
import { readState, writeServer } from './state.mjs';
import { store } from './store.mjs';

/** @typedef {import('./server.mjs').Role} Role */

/**
 * Restarts a stopped or killed server of a stack, on the same ports and data.
 *
 * @param {string} folder
 * @param {Role} role
 */
export async function startServer(folder, role) {
  const dir = resolve(folder);
  ownServer(dir, role);
  if (!(await isRunning(dir, role))) await launch(dir, role);
}

/**
 * Stops one server of a stack and keeps its data.
 *
 * @param {string} folder
 * @param {Role} role
 * @param {NodeJS.Signals} [signal] SIGKILL: like a crash; SIGTERM: orderly stop
 */
export async function killServer(folder, role, signal = 'SIGKILL') {
  const dir = resolve(folder);
  const known = ownServer(dir, role);
  if (known.kind === 'docker') await composeKill(dir, role, signal);
  else await endProcess(known.process, signal);
}

/**
 * Deletes a stopped server's data, like a lost disk.
 *
 * @param {string} folder
 * @param {Role} role
 */
export async function eraseServer(folder, role) {
  const dir = resolve(folder);
  if (ownServer(dir, role).kind !== 'process' || (await isRunning(dir, role))) {
    throw new Error(`${role}: only a stopped server of this stack can be erased; kill it first.`);
  }
  rmSync(join(dir, role), { recursive: true, force: true });
}

/**
 * Runs statements on a stack's own database as root, such as `SET GLOBAL read_only = 1`.
 *
 * @param {string} folder
 * @param {readonly string[]} statements
 * @returns {Promise<Record<string, unknown>[][]>} the rows of each statement
 */
export async function runAsRoot(folder, statements) {
  const { ports, secrets } = ownServer(resolve(folder), 'database');
  const { createConnection } = await import('mysql2/promise');
  const at = { host: '127.0.0.1', port: ports.sql, user: 'root', password: secrets.root };
  const connection = await createConnection(at);
  try {
    const answers = [];
    for (const statement of statements) {
      const [rows] = await connection.query(statement);
      answers.push(Array.isArray(rows) ? /** @type {Record<string, unknown>[]} */ (rows) : []);
    }
    return answers;
  } finally {
    await connection.end();
  }
}

/**
 * Ends every session of a user of a stack's own database, like an administrator after a change of its rights.
 *
 * @param {string} folder
 * @param {string} user such as `factory`
 */
export async function endSessions(folder, user) {
  const [sessions = []] = await runAsRoot(folder, [
    `SELECT id AS id FROM information_schema.processlist WHERE user = '${user}'`,
  ]);
  // One that has ended in the meantime cannot be killed.
  for (const { id } of sessions) await runAsRoot(folder, [`KILL ${id}`]).catch(() => undefined);
}

/**
 * Restarts a stack's own store with another key pair: clients with the previous one are refused.
 *
 * @param {string} folder
 * @param {{accessKey: string, secretKey: string}} keys
 * @returns {Promise<{accessKey: string, secretKey: string}>} the previous ones
 */
export async function changeStoreKeys(folder, keys) {
  const dir = resolve(folder);
  const known = ownServer(dir, 'store');
  if (known.kind !== 'process')
    throw new Error('Only a store that runs as a process of this stack can get other keys.');
  await endProcess(known.process, 'SIGKILL');
  const secrets = { ...known.secrets, ...keys };
  writeServer(dir, 'store', { ...known, secrets, env: store.environment({ ...known, secrets }) });
  await launch(dir, 'store');
  const { accessKey = '', secretKey = '' } = known.secrets;
  return { accessKey, secretKey };
}

/**
 * @param {string} dir
 * @param {Role} role
 * @returns {import('./server.mjs').OwnServer}
 * @throws Error if there is none, or it is not run by this stack
 */
function ownServer(dir, role) {
  const known = readState(dir).servers[role];
  if (!known)
    throw new Error(`${dir} has no ${role}: bring the stack up first (roles: ${ROLES.join(', ')}).`);
  if (known.kind === 'given')
    throw new Error(`The ${role} was given by the environment: only its owner starts and stops it.`);
  return known;
}
