import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';
import { median } from '../measure/median.mjs';

const RUNS = 20;
const MOST_MS = 250;
const TIMEOUT_MS = 120_000;
/** Between two runs nothing works: each begins on an idle system. */
const IDLE_MS = 1_000;

/** Control overhead of single runs on an idle system, per transition, as `factory runs show` reports it. */
export const overhead = {
  summary: `from the commit of a stage to the first line of the next one's own work, ${RUNS} single runs (most: ${MOST_MS} ms)`,

  async run(sandbox, { say }) {
    await loadFleet(sandbox, { products: 1, policy: { epochs: 5 } });
    await sandbox.startServices();
    const ends = await listenForEnds(sandbox.env.NATS_URL);
    const reports = [];
    for (let number = 1; number <= RUNS; number++) {
      await sleep(IDLE_MS);
      const request = { productId: 1, source: 'main', grid: 'quick', seed: String(number) };
      const ended = await ends.request(request, { runs: 1, timeoutMs: TIMEOUT_MS });
      mustHaveVerdicts(ended);
      reports.push(await sandbox.factoryJson('runs', 'show', ended[0].run));
      const { medianMs, totalMs } = reports.at(-1).controlOverhead;
      say(`run ${number}: median ${medianMs.toFixed(0)} ms, all transitions ${totalMs.toFixed(0)} ms`);
    }
    await ends.close();
    const all = reports.flatMap(({ controlOverhead }) => controlOverhead.transitions);
    const names = [...new Set(all.map(({ from, to }) => `${from} -> ${to}`))];
    const rows = names.map((transition) => {
      const times = all
        .filter(({ from, to }) => `${from} -> ${to}` === transition)
        .map((one) => one.overheadMs);
      return { transition, runs: times.length, medianMs: median(times), longestMs: Math.max(...times) };
    });
    rows.push({
      transition: 'any (median of the runs’ medians)',
      runs: reports.length,
      medianMs: median(reports.map(({ controlOverhead }) => controlOverhead.medianMs)),
      longestMs: Math.max(...all.map((one) => one.overheadMs)),
    });
    return {
      rows,
      faults: rows.flatMap(({ transition, medianMs }) =>
        medianMs > MOST_MS ? [`${transition}: median ${medianMs.toFixed(0)} ms, more than ${MOST_MS}`] : [],
      ),
    };
  },
};
