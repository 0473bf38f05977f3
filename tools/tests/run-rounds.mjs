import { ensurePackages } from '../install/ensure-packages.mjs';
import { NOTHING, oneFailure, sum } from './counts.mjs';
import { nodeRuntime } from './node-runtime.mjs';
import { runDemo } from './run-demo.mjs';
import { runJest } from './run-jest.mjs';

/**
 * Runs one round after the other and sums up the counts. A round that can't be run counts as one failure, and the next
one is tried.
 *
 * @param {readonly import('./rounds.mjs').Round[]} rounds
 * @param {{env: NodeJS.ProcessEnv, jestOptions: readonly string[], signal: AbortSignal, say: (line: string) => void}}
 *   options `jestOptions`: as the user typed them; `signal`: ends the run
 * @returns {Promise<import('./counts.mjs').Counts>}
 */
export async function runRounds(rounds, options) {
  await ensurePackages();
  if (rounds.some(({ servers }) => servers)) {
    const { prepare } = await import('./prepare.mjs');
    await prepare({ rounds, env: options.env, say: options.say });
  }
  let total = NOTHING;
  for (const [at, round] of rounds.entries()) {
    if (options.signal.aborted) break;
    const number = rounds.length > 1 ? `${at + 1}-` : '';
    total = sum(total, await runRound(round, number, options).catch((error) => oneFailure(error.message)));
  }
  return total;
}

/**
 * @param {import('./rounds.mjs').Round} round
 * @param {string} number prefix of its reports' names
 * @param {Parameters<typeof runRounds>[1]} options
 */
async function runRound(round, number, { env, jestOptions, signal, say }) {
  const runtime = await nodeRuntime(round.node, env);
  /** @param {import('./node-runtime.mjs').NodeRuntime} at @param {string} [database] in words */
  const runPhases = async (at, database) => {
    let total = NOTHING;
    for (const phase of round.phases) {
      if (signal.aborted) break;
      const title = `${number}${phase.kind}`;
      say(
        [`${title}: Node ${at.version}`, database, phase.only && `only ${phase.only}`]
          .filter(Boolean)
          .join(', '),
      );
      total = sum(total, await runJest(phase, at, { title, jestOptions, signal }));
    }
    return total;
  };
  if (!round.servers) return runPhases(runtime);
  const { withServers } = await import('./with-servers.mjs');
  const total = await withServers(runtime, { database: round.database, say }, runPhases);
  if (!round.demo || !round.database || jestOptions.length > 0 || signal.aborted) return total;
  return sum(total, await runDemo(runtime, round.database, signal));
}
