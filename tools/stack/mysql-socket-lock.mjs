import { readFileSync, rmSync } from 'node:fs';
import { codeOf } from '../workspace/error-message.mjs';
import { isAlive, startOf } from './processes.mjs';

/**
 * Removes the lock beside a socket that a killed MySQL has left. MySQL itself takes any process of that number for the
 * one that holds it: the dead one until its parent has waited for it, and whoever gets the number after it.
 *
 * @param {string} lock path: holds the pid of the server that made it
 * @param {import('./processes.mjs').Started | undefined} last the server that this stack has started last
 */
export function removeStaleSocketLock(lock, last) {
  const pid = pidIn(lock);
  if (pid === undefined) return;
  const holderLives = last?.pid === pid ? isAlive(last) : startOf(pid) !== undefined;
  if (!holderLives) rmSync(lock, { force: true });
}

/**
 * @param {string} lock
 * @returns {number | undefined} undefined without a lock; NaN when it can't be read as one
 */
function pidIn(lock) {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
