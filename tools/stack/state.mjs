import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../workspace/error-message.mjs';
import { startOf } from './processes.mjs';

const STATE = 'state.json';
const LOCK = 'lock';

/**
 * The state file of a stack: which servers run where.
 *
 * @typedef {import('./server.mjs').Role} Role
 * @typedef {import('./server.mjs').ServerState} ServerState
 * @typedef {{version: 1, servers: Partial<Record<Role, ServerState>>, visitorHashKey?: string}} StackState
 */

/**
 * @param {string} dir
 * @returns {StackState} the state of a stack folder; empty if nothing was started there
 */
export function readState(dir) {
  const path = join(dir, STATE);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { version: 1, servers: {} };
}

/**
 * The servers of a stack.
 *
 * @param {string} dir
 * @returns {readonly {role: Role, known: ServerState}[]}
 */
export function serversIn(dir) {
  return Object.entries(readState(dir).servers).map(([role, known]) => ({
    role: /** @type {Role} */ (role),
    known,
  }));
}

/**
 * @param {string} dir
 * @param {Role} role
 * @throws Error if the stack has none
 */
export function knownServer(dir, role) {
  const known = readState(dir).servers[role];
  if (!known) throw new Error(`${dir} has no ${role}`);
  return known;
}

/**
 * Replaces the state atomically. Readable by its owner only, because it contains the passwords.
 *
 * @param {string} dir
 * @param {StackState} state
 */
export function writeState(dir, state) {
  const path = join(dir, STATE);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/**
 * Writes one server's entry without touching the others.
 *
 * @param {string} dir
 * @param {Role} role
 * @param {ServerState} server
 */
export function writeServer(dir, role, server) {
  const state = readState(dir);
  state.servers[role] = server;
  writeState(dir, state);
}

/**
 * Removes a stack's files, and the folder itself unless it contains other files.
 *
 * @param {string} dir
 * @param {readonly Role[]} roles
 */
export function removeState(dir, roles) {
  for (const name of [...roles, 'logs', STATE, LOCK])
    rmSync(join(dir, name), { recursive: true, force: true });
  if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
}

/**
 * Runs `work` with an exclusive lock on the stack. The lock of a dead process is taken over.
 *
 * @template T
 * @param {string} dir
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(dir, work) {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, LOCK);
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  while (!linked(mine, path)) {
    if (holderLives(path)) await sleep(100);
    else rmSync(path, { force: true });
  }
  rmSync(mine);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * A link appears with its content, so that no process reads an incomplete lock.
 *
 * @param {string} from
 * @param {string} to
 */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path */
function holderLives(path) {
  try {
    const { pid, start } = JSON.parse(readFileSync(path, 'utf8'));
    return startOf(pid) === start;
  } catch {
    return false;
  }
}
