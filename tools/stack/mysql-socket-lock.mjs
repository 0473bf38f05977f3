import { readFileSync, rmSync } from 'node:fs';
import { codeOf } from '../workspace/error-message.mjs';
import { isAlive, startOf } from './processes.mjs';

/**
 * Removes the lock file of a socket that a killed MySQL has left. MySQL itself regards any process with that pid as the
 * holder: a zombie until its parent has waited for it, and later any process that gets the pid.
 *
 * @param {string} lock path of a file with the pid of the server that created it
 * @param {import('./processes.mjs').Started | undefined} last the last server that this stack started
 */
export function removeStaleSocketLock(lock, last) {
  const pid = pidIn(lock);
  if (pid === undefined) return;
  const holderLives = last?.pid === pid ? isAlive(last) : startOf(pid) !== undefined;
  if (!holderLives) rmSync(lock, { force: true });
}

/**
 * @param {string} lock
 * @returns {number | undefined} undefined without a lock; NaN if its content is not a pid
 */
function pidIn(lock) {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
