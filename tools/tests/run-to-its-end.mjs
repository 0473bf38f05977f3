import { spawn } from 'node:child_process';
import { root } from '../workspace/root.mjs';

/**
 * Runs a program in the repository's root; its output goes to stderr, because stdout is for the closing line.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{env: NodeJS.ProcessEnv, signal: AbortSignal, stdout?: 'stderr' | 'ignore'}} options `signal`: ends it
 * @returns {Promise<number | null>} exit code; null if a signal ended it, or it could not be started
 */
export async function runToItsEnd(file, args, { env, signal, stdout = 'stderr' }) {
  const output = stdout === 'stderr' ? process.stderr : stdout;
  const child = spawn(file, args, { cwd: root, env, stdio: ['ignore', output, 'inherit'], signal });
  // Interrupted, or not to be started: neither has an exit code.
  child.once('error', () => undefined);
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}
