import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askedDatabase } from './asked-database.mjs';
import { composeDown, composeKill, composeStart, dockerRuns } from './docker.mjs';
import { givenAddresses } from './given.mjs';
import { freePorts } from './ports.mjs';
import { endProcess, isAlive, startDetached, tailOf } from './processes.mjs';
import { ROLES, serverOf } from './servers.mjs';
import { readState, removeState, withLock, writeServer, writeState } from './state.mjs';
import { store } from './store.mjs';

export { ROLES };

/** A server that was just started makes its folders first; one that the environment gives should run. */
const READY_WITHIN_MS = { given: 10_000, docker: 60_000, process: 60_000 };

const PORT_ATTEMPTS = 5;

const logOf = (dir, role) => join(dir, 'logs', `${role}.log`);
const noLog = () => undefined;

/**
 * Brings servers up, or finds those that run already.
 *
 * @param {string} folder the stack's folder
 * @param {object} options
 * @param {readonly string[]} [options.only] roles
 * @param {NodeJS.ProcessEnv} [options.env] where given addresses are looked for, and STACK_DATABASE
 * @param {string} [options.database] `mariadb` or `mysql`: that server as a process, neither given nor in Docker;
 *   default: STACK_DATABASE, where the environment gives no address
 * @param {(line: string) => void} [options.say]
 * @returns {Promise<Record<string, string>>} addresses and credentials by environment name
 */
export async function up(folder, { only = ROLES, env = process.env, database, say = noLog } = {}) {
  const dir = resolve(folder);
  await withLock(dir, () => {
    const asked = askedDatabase(database, env, readState(dir).servers.database);
    keepVisitorHashKey(dir, env);
    return Promise.all(only.map((role) => ensureServer(dir, role, { env, asked, say })));
  });
  return addresses(dir);
}

/** Sampling wants a key of its own: a stack has one for as long as it has its data. */
function keepVisitorHashKey(dir, env) {
  const state = readState(dir);
  if (state.visitorHashKey) return;
  writeState(dir, { ...state, visitorHashKey: env.VISITOR_HASH_KEY || randomBytes(24).toString('hex') });
}

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
    return say(`${serverOf(role).title}: as the environment says`);
  }
  const database = role === 'database' ? asked : undefined;
  const server = serverOf(role, { database });
  const kind = !database && (await dockerRuns()) ? 'docker' : 'process';
  const binary = kind === 'process' ? await server.binary() : undefined;
  const secrets = Object.fromEntries(server.secrets.map((name) => [name, randomBytes(12).toString('hex')]));
  await firstLaunch(dir, role, { kind, database, binary, secrets });
  say(`${server.title} started (${kind})`);
}

/** Another stack may take a port between the look and the use: then the server is given other ones. */
async function firstLaunch(dir, role, fixed, attempt = 1) {
  const server = serverOf(role, fixed);
  const ports = await freePorts(server.ports);
  writeServer(dir, role, { ...fixed, ports, env: server.environment({ ports, ...fixed }) });
  try {
    await launch(dir, role);
  } catch (error) {
    if (
      attempt === PORT_ATTEMPTS ||
      !/address already in use|port is already allocated/i.test(error.message)
    ) {
      throw error;
    }
    rmSync(join(dir, role), { recursive: true, force: true });
    rmSync(logOf(dir, role), { force: true });
    await firstLaunch(dir, role, fixed, attempt + 1);
  }
}

/** Starts a server on its own ports and data, and waits until it is ready. */
async function launch(dir, role) {
  const known = readState(dir).servers[role];
  if (known.kind === 'docker') {
    await composeStart(dir, role, readState(dir).servers);
  } else {
    const folder = join(dir, role);
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(dir, 'logs'), { recursive: true });
    const command = await serverOf(role, known).command({ folder, ...known });
    const process = await startDetached({ ...command, cwd: folder, log: logOf(dir, role) });
    writeServer(dir, role, { ...known, process });
  }
  await waitUntilReady(dir, role);
}

async function waitUntilReady(dir, role) {
  const known = readState(dir).servers[role];
  const { title, ready } = serverOf(role, known);
  const limitMs = READY_WITHIN_MS[known.kind];
  const deadline = performance.now() + limitMs;
  for (;;) {
    const fault = await ready(known).then(noLog, (error) => error);
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

async function isRunning(dir, role) {
  const known = readState(dir).servers[role];
  if (known.kind === 'process') return isAlive(known.process);
  return serverOf(role, known)
    .ready(known)
    .then(
      () => true,
      () => false,
    );
}

/** Addresses of every server of a stack by environment name; empty when there is no stack. */
export function addresses(folder) {
  const { servers, visitorHashKey } = readState(resolve(folder));
  const key = visitorHashKey ? { VISITOR_HASH_KEY: visitorHashKey } : {};
  return Object.assign(key, ...Object.values(servers).map((server) => server.env));
}

/**
 * @returns {Promise<{role: string, title: string, kind: string, running: boolean, pid?: number}[]>}
 */
export async function status(folder) {
  const dir = resolve(folder);
  const { servers } = readState(dir);
  return Promise.all(
    Object.entries(servers).map(async ([role, known]) => {
      const running = await isRunning(dir, role);
      const pid = running ? known.process?.pid : undefined;
      return { role, title: serverOf(role, known).title, kind: known.kind, running, pid };
    }),
  );
}

/** Starts a stopped or killed server of a stack again, on the same ports and data. */
export async function startServer(folder, role) {
  const dir = resolve(folder);
  ownServer(dir, role);
  if (!(await isRunning(dir, role))) await launch(dir, role);
}

/**
 * Ends one server of a stack and leaves its data.
 *
 * @param {string} folder
 * @param {string} role
 * @param {NodeJS.Signals} signal SIGKILL: as a crash; SIGTERM: in order
 */
export async function killServer(folder, role, signal = 'SIGKILL') {
  const dir = resolve(folder);
  const known = ownServer(dir, role);
  if (known.kind === 'docker') await composeKill(dir, role, signal);
  else await endProcess(known.process, signal);
}

/**
 * Runs statements on a stack's own database as its root, such as `SET GLOBAL read_only = 1`.
 *
 * @param {string} folder
 * @param {string[]} statements
 * @returns {Promise<object[][]>} what each answered
 */
export async function runAsRoot(folder, statements) {
  const { ports, secrets } = ownServer(resolve(folder), 'database');
  const { createConnection } = await import('mysql2/promise');
  const at = { host: '127.0.0.1', port: ports.sql, user: 'root', password: secrets.root };
  const connection = await createConnection(at);
  try {
    const answers = [];
    for (const statement of statements) answers.push((await connection.query(statement))[0]);
    return answers;
  } finally {
    await connection.end();
  }
}

/**
 * Ends every session of a user of a stack's own database, as an administrator does after a change of its rights.
 *
 * @param {string} folder
 * @param {string} user such as `factory`
 */
export async function endSessions(folder, user) {
  const [sessions] = await runAsRoot(folder, [
    `SELECT id AS id FROM information_schema.processlist WHERE user = '${user}'`,
  ]);
  // One that has gone meanwhile cannot be killed.
  for (const { id } of sessions) await runAsRoot(folder, [`KILL ${id}`]).catch(noLog);
}

/**
 * Starts a stack's own store again with another key pair: whoever has the former one is refused.
 *
 * @param {string} folder
 * @param {{accessKey: string, secretKey: string}} keys
 * @returns {Promise<{accessKey: string, secretKey: string}>} the former ones
 */
export async function changeStoreKeys(folder, keys) {
  const dir = resolve(folder);
  const known = ownServer(dir, 'store');
  if (known.kind !== 'process')
    throw new Error('Only a store that runs as a process of this stack gets other keys.');
  await endProcess(known.process, 'SIGKILL');
  const secrets = { ...known.secrets, ...keys };
  writeServer(dir, 'store', { ...known, secrets, env: store.environment({ ...known, secrets }) });
  await launch(dir, 'store');
  const { accessKey, secretKey } = known.secrets;
  return { accessKey, secretKey };
}

/** Deletes a stopped server's data, as a lost disk would. */
export async function eraseServer(folder, role) {
  const dir = resolve(folder);
  if (ownServer(dir, role).kind !== 'process' || (await isRunning(dir, role))) {
    throw new Error(`${role}: only a stopped server of this stack can be erased; kill it first.`);
  }
  rmSync(join(dir, role), { recursive: true, force: true });
}

function ownServer(dir, role) {
  const known = readState(dir).servers[role];
  if (!known)
    throw new Error(`${dir} has no ${role}: bring the stack up first (roles: ${ROLES.join(', ')}).`);
  if (known.kind === 'given') {
    throw new Error(`The ${role} was given by the environment: only its owner starts and stops it.`);
  }
  return known;
}

/** Stops every server that this stack started and removes what it kept. */
export async function down(folder) {
  const dir = resolve(folder);
  const { servers } = readState(dir);
  if (Object.values(servers).some(({ kind }) => kind === 'docker')) await composeDown(dir);
  await Promise.all(
    Object.entries(servers).map(async ([role, known]) => {
      if (known.kind !== 'process') return;
      const server = serverOf(role, known);
      if (known.process) await endProcess(known.process, 'SIGTERM', server.graceOnDownMs);
      for (const file of server.leftovers?.(known) ?? []) rmSync(file, { force: true });
    }),
  );
  removeState(dir, ROLES);
}
