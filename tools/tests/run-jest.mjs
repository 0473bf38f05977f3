import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { countsOf, oneFailure } from './counts.mjs';
import { runToItsEnd } from './run-to-its-end.mjs';

const REPORTS = join(root, '.cache', 'jest');

/**
 * Runs the specs of one phase. Its report stays in `.cache/jest`.
 *
 * @param {import('./rounds.mjs').Phase} phase
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime with the addresses of the servers in its environment
 * @param {{title: string, jestOptions: readonly string[], signal: AbortSignal}} options `title`: for the report's name
 * @returns {Promise<import('./counts.mjs').Counts>} what Jest counted
 */
export async function runJest(phase, runtime, { title, jestOptions, signal }) {
  const report = join(REPORTS, `${title}.json`);
  mkdirSync(REPORTS, { recursive: true });
  rmSync(report, { force: true });
  const args = [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--config=jest.config.js',
    `--maxWorkers=${phase.workers}`,
    '--passWithNoTests',
    // A connection left open by a failed spec must not delay the run.
    '--forceExit',
    '--json',
    `--outputFile=${report}`,
    ...(phase.only ? [`--testPathPatterns=${phase.only}`] : []),
    ...jestOptions,
  ];
  const env = { ...runtime.env, FACTORY_SPECS: phase.kind };
  // Jest's JSON goes to the file, its log to stderr.
  await runToItsEnd(runtime.file, args, { env, signal, stdout: 'ignore' });
  if (!existsSync(report)) return oneFailure(`${title}: Jest left no report`);
  return countsOf(JSON.parse(readFileSync(report, 'utf8')), { narrowed: jestOptions.length > 0 });
}
