import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { median } from '../measure/statistics.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';

/**
 * @import { ControlOverheadAnswer } from '../../sandbox/factory-command.mjs'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 */

const RUNS = 20;
const MOST_MS = 250;
const TIMEOUT_MS = 120_000;
/** Pause between two runs: each starts on an idle system. */
const IDLE_MS = 1_000;

/**
 * Control overhead of single runs on an idle system, per transition, as `factory runs show` reports it.
 *
 * @type {Bench}
 */
export const overhead = {
  summary: `from the commit of a stage to the first line of the next stage's own work, ${RUNS} single runs (most: ${MOST_MS} ms)`,
  options: { runs: { type: 'string', default: String(RUNS) } },
  help: `  --runs N           one after the other (default ${RUNS}); with fewer, no target is checked`,

  prepare(options) {
    const runs = options.count('runs');
    return (context) => measure(context, runs);
  },
};

/**
 * @param {BenchContext} context
 * @param {number} runs
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, runs) {
  const sandbox = await openServers();
  await loadFleet(sandbox, { products: 1, policy: { epochs: 5 } });
  await sandbox.startServices();
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  /** @type {ControlOverheadAnswer[]} */
  const reports = [];
  for (let number = 1; number <= runs; number++) {
    await sleep(IDLE_MS);
    const { run } = await ends.requestOne(
      { productId: 1, source: 'main', grid: 'quick', seed: String(number) },
      { timeoutMs: TIMEOUT_MS },
    );
    const { controlOverhead } = await sandbox.factory.showRun(run);
    reports.push(controlOverhead);
    const { medianMs, totalMs } = controlOverhead;
    say(`run ${number}: median ${medianMs?.toFixed(0)} ms, all transitions ${totalMs.toFixed(0)} ms`);
  }
  await ends.close();
  const rows = overheadRows(reports);
  const faults = rows.flatMap(({ transition, medianMs }) =>
    medianMs > MOST_MS ? [`${transition}: median ${medianMs.toFixed(0)} ms, more than ${MOST_MS}`] : [],
  );
  return { rows, faults: runs >= RUNS ? faults : [] };
}

/**
 * One line per transition, and one for all of them.
 *
 * @param {readonly ControlOverheadAnswer[]} reports one per run
 */
export function overheadRows(reports) {
  const all = reports.flatMap(({ transitions }) =>
    transitions.map(({ from, to, overheadMs }) => ({ name: `${from} -> ${to}`, overheadMs })),
  );
  const rows = [...new Set(all.map(({ name }) => name))].map((transition) => {
    const times = all.filter(({ name }) => name === transition).map(({ overheadMs }) => overheadMs);
    return { transition, runs: times.length, medianMs: median(times), longestMs: Math.max(...times) };
  });
  rows.push({
    transition: 'any (median of the runs’ medians)',
    runs: reports.length,
    medianMs: median(reports.flatMap(({ medianMs }) => medianMs ?? [])),
    longestMs: Math.max(...all.map(({ overheadMs }) => overheadMs)),
  });
  return rows;
}
