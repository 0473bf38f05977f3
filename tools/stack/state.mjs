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
import { startOf } from './processes.mjs';

const STATE = 'state.json';
const LOCK = 'lock';

/**
 * What runs where.
 *
 * @typedef {object} ServerState
 * @property {'given' | 'docker' | 'process'} kind
 * @property {Record<string, string>} env addresses and credentials under the names that the services read
 * @property {Record<string, number>} [ports]
 * @property {Record<string, string>} [secrets]
 * @property {string} [database] which one, where it was asked for by name
 * @property {string} [binary] kind process
 * @property {{pid: number, start: string}} [process] kind process
 *
 * @typedef {{version: 1, servers: Record<string, ServerState>, visitorHashKey?: string}} StackState
 */

/** @returns {StackState} the state of a stack folder; empty when nothing was started there */
export function readState(dir) {
  const path = join(dir, STATE);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { version: 1, servers: {} };
}

/** Replaces the state in one step. Readable by its owner only: it holds the passwords. */
export function writeState(dir, state) {
  const path = join(dir, STATE);
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Writes one server's entry without touching the others. */
export function writeServer(dir, role, server) {
  const state = readState(dir);
  state.servers[role] = server;
  writeState(dir, state);
}

/** Removes what a stack keeps, and the folder itself unless somebody else keeps things there. */
export function removeState(dir, roles) {
  for (const name of [...roles, 'logs', STATE, LOCK])
    rmSync(join(dir, name), { recursive: true, force: true });
  if (existsSync(dir) && readdirSync(dir).length === 0) rmdirSync(dir);
}

/** Runs `work` while nobody else changes the same stack. A lock whose holder is dead is taken over. */
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

/** A link appears with its content, so that nobody ever reads half a lock. */
function linked(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderLives(path) {
  try {
    const { pid, start } = JSON.parse(readFileSync(path, 'utf8'));
    return startOf(pid) === start;
  } catch {
    return false;
  }
}
