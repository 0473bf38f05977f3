import { oneFailure } from './counts.mjs';
import { runToItsEnd } from './run-to-its-end.mjs';

/**
 * Runs the demo as one more spec: it starts its own servers.
 *
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {string} database
 * @param {AbortSignal} signal
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runDemo({ file, env }, database, signal) {
  const code = await runToItsEnd(file, ['tools/demo.mjs', '--database', database], { env, signal });
  return code === 0
    ? { passed: 1, failed: 0, names: [] }
    : oneFailure(`demo on ${database}: ended with ${code}`);
}
