import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { askedDatabase } from './asked-database.mjs';
import { composeDown, dockerRuns } from './docker.mjs';
import { givenAddresses } from './given.mjs';
import { firstLaunch, isRunning, launch, waitUntilReady } from './launch.mjs';
import { endProcess } from './processes.mjs';
import { ROLES, serverOf } from './servers.mjs';
import { readState, removeState, serversIn, withLock, writeServer, writeState } from './state.mjs';

export { changeStoreKeys, endSessions, eraseServer, killServer, runAsRoot, startServer } from './outages.mjs';
export { ROLES, roleNamed } from './servers.mjs';

/**
 * @typedef {import('./server.mjs').Role} Role
 * @typedef {import('./server.mjs').Addresses} Addresses
 */

/**
 * Starts servers, or finds those that are already running.
 *
 * @param {string} folder the stack's folder
 * @param {object} [options]
 * @param {readonly Role[]} [options.only]
 * @param {NodeJS.ProcessEnv} [options.env] may contain addresses of given servers, and STACK_DATABASE
 * @param {string} [options.database] `mariadb` or `mysql`: started as a process, neither given by the environment nor in Docker;
 *   default: STACK_DATABASE, if the environment gives no address
 * @param {(line: string) => void} [options.say]
 * @returns {Promise<Addresses>}
 */
export async function up(folder, { only = ROLES, env = process.env, database, say = () => undefined } = {}) {
  const dir = resolve(folder);
  await withLock(dir, () => {
    const asked = askedDatabase(database, env, readState(dir).servers.database);
    keepVisitorHashKey(dir, env);
    return Promise.all(only.map((role) => ensureServer(dir, role, { env, asked, say })));
  });
  return addresses(dir);
}

/**
 * Sampling needs a secret key: a stack keeps one as long as it keeps its data.
 *
 * @param {string} dir
 * @param {NodeJS.ProcessEnv} env
 */
function keepVisitorHashKey(dir, env) {
  const state = readState(dir);
  if (state.visitorHashKey) return;
  writeState(dir, { ...state, visitorHashKey: env.VISITOR_HASH_KEY || randomBytes(24).toString('hex') });
}

/**
 * @param {string} dir
 * @param {Role} role
 * @param {{env: NodeJS.ProcessEnv, asked: string | undefined, say: (line: string) => void}} options `asked`: name
 *   of the requested database
 */
async function ensureServer(dir, role, { env, asked, say }) {
  const known = readState(dir).servers[role];
  if (known && known.kind !== 'given') {
    const { title } = serverOf(role, known);
    if (await isRunning(dir, role)) return say(`${title} runs already`);
    await launch(dir, role);
    return say(`${title} started again`);
  }
  const given = givenAddresses(serverOf(role), env);
  if (given) {
    writeServer(dir, role, { kind: 'given', env: given });
    await waitUntilReady(dir, role);
    return say(`${serverOf(role).title}: given by the environment`);
  }
  const database = role === 'database' ? asked : undefined;
  const server = serverOf(role, { database });
  const kind = !database && (await dockerRuns()) ? 'docker' : 'process';
  const binary = kind === 'process' ? await server.binary() : '';
  const secrets = Object.fromEntries(server.secrets.map((name) => [name, randomBytes(12).toString('hex')]));
  await firstLaunch(dir, role, { kind, database, binary, secrets });
  say(`${server.title} started (${kind})`);
}

/**
 * Addresses of every server of a stack by environment name; empty if there is no stack.
 *
 * @param {string} folder
 * @returns {Addresses}
 */
export function addresses(folder) {
  const dir = resolve(folder);
  const { visitorHashKey } = readState(dir);
  const key = visitorHashKey ? { VISITOR_HASH_KEY: visitorHashKey } : {};
  return Object.assign(key, ...serversIn(dir).map(({ known }) => known.env));
}

/**
 * @param {string} folder
 * @returns {Promise<{role: Role, title: string, kind: string, running: boolean, pid: number | undefined}[]>}
 */
export async function status(folder) {
  const dir = resolve(folder);
  return Promise.all(
    serversIn(dir).map(async ({ role, known }) => {
      const running = await isRunning(dir, role);
      const pid = running && known.kind === 'process' ? known.process?.pid : undefined;
      return { role, title: serverOf(role, known).title, kind: known.kind, running, pid };
    }),
  );
}

/**
 * Stops every server that this stack started and removes its data.
 *
 * @param {string} folder
 */
export async function down(folder) {
  const dir = resolve(folder);
  const servers = serversIn(dir);
  if (servers.some(({ known }) => known.kind === 'docker')) await composeDown(dir);
  await Promise.all(
    servers.map(async ({ role, known }) => {
      if (known.kind !== 'process') return;
      const server = serverOf(role, known);
      if (known.process) await endProcess(known.process, 'SIGTERM', server.graceOnDownMs);
      for (const file of server.leftovers?.(known) ?? []) rmSync(file, { force: true });
    }),
  );
  removeState(dir, ROLES);
}
