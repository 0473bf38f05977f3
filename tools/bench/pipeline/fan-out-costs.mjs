import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../../sandbox/ledger.mjs';
import { readState } from '../../stack/state.mjs';
import { cpuSeconds, forgetPeak, peakMebibytes } from '../measure/process-costs.mjs';
import { EndsOfRuns } from './ends-of-runs.mjs';

/**
 * @import { Sandbox } from '../../sandbox/sandbox.mjs'
 * @import { ServiceProcess } from '../../sandbox/service-process.mjs'
 *
 * @typedef {{source: string, products: number}} FanOut all products of a source
 *
 * @typedef {object} FanOutCost per product, except the peak
 * @property {number} products in the fan-out
 * @property {number} statements
 * @property {number} messages
 * @property {number} cpuSeconds of all services
 * @property {number} wallSeconds
 * @property {number} peakMebibytes of the largest process
 *
 * @typedef {object} Round one line per fan-out
 * @property {FanOutCost[]} costs
 * @property {Record<string, number>[]} peaks MiB by service, and `products`
 * @property {Record<string, number>[]} shares processor seconds per product by service, and `products`
 *
 * @typedef {object} Counters since the servers started
 * @property {number} seconds
 * @property {number} statements
 * @property {number} messages
 * @property {Record<string, number>} cpuSeconds by service
 */

const COPIES = 2;
const TIMEOUT_MS = 90 * 60_000;
/** Wait after the last end, so that acknowledgements and published announcements are counted. */
const SETTLE_MS = 3_000;

/**
 * One fan-out after the other, on newly started services.
 *
 * @param {Sandbox} sandbox
 * @param {readonly FanOut[]} fanOuts
 * @param {(line: string) => void} say
 * @returns {Promise<Round>}
 */
export async function measureRound(sandbox, fanOuts, say) {
  const services = await sandbox.startServices({ copies: COPIES });
  const ends = await EndsOfRuns.listen(sandbox.env.NATS_URL);
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  /** @type {Round} */
  const round = { costs: [], peaks: [], shares: [] };
  for (const { source, products } of fanOuts) {
    for (const { pid } of services) forgetPeak(pid);
    const before = await counters(sandbox, ledger, services);
    await ends.request({ productId: 0, source, grid: 'quick' }, { runs: products, timeoutMs: TIMEOUT_MS });
    const wallSeconds = performance.now() / 1_000 - before.seconds;
    await sleep(SETTLE_MS);
    const after = await counters(sandbox, ledger, services);
    const share = shareOf(before.cpuSeconds, after.cpuSeconds, products);
    const peaks = byService(services, ({ pid }) => peakMebibytes(pid), Math.max);
    const cost = {
      products,
      statements: (after.statements - before.statements) / products,
      messages: (after.messages - before.messages) / products,
      cpuSeconds: Object.values(share).reduce((sum, one) => sum + one, 0),
      wallSeconds: wallSeconds / products,
      peakMebibytes: Math.max(...Object.values(peaks)),
    };
    round.costs.push(cost);
    round.peaks.push({ products, ...peaks });
    round.shares.push({ products, ...share });
    say(`${products} products in ${wallSeconds.toFixed(0)} s, ${cost.statements.toFixed(0)} statements each`);
  }
  await Promise.all([ends.close(), ledger.close(), ...services.map((service) => service.stop())]);
  sandbox.services = sandbox.services.filter((service) => !services.includes(service));
  return round;
}

/**
 * @param {Sandbox} sandbox
 * @param {Ledger} ledger
 * @param {readonly ServiceProcess[]} services
 * @returns {Promise<Counters>}
 */
async function counters(sandbox, ledger, services) {
  const [status] = await ledger.rows("SHOW GLOBAL STATUS LIKE 'Questions'");
  return {
    seconds: performance.now() / 1_000,
    statements: Number(status?.Value),
    messages: await brokerMessages(sandbox.stack),
    cpuSeconds: byService(
      services,
      ({ pid }) => cpuSeconds(pid),
      (sum, one) => sum + one,
    ),
  };
}

/**
 * Messages in and out of the broker since it started.
 *
 * @param {string} stack folder
 */
async function brokerMessages(stack) {
  const { broker } = readState(stack).servers;
  const monitor = broker && 'ports' in broker ? broker.ports.monitor : undefined;
  if (monitor === undefined) throw new Error('the broker of this stack has no monitoring port');
  const answer = await fetch(`http://127.0.0.1:${monitor}/varz`);
  const { in_msgs, out_msgs } = /** @type {{in_msgs: number, out_msgs: number}} */ (await answer.json());
  return in_msgs + out_msgs;
}

/**
 * What each service spent per product.
 *
 * @param {Record<string, number>} before
 * @param {Record<string, number>} after
 * @param {number} products
 * @returns {Record<string, number>}
 */
function shareOf(before, after, products) {
  return Object.fromEntries(
    Object.entries(after).map(([name, now]) => [name, (now - (before[name] ?? 0)) / products]),
  );
}

/**
 * One figure per service, over all of its processes.
 *
 * @param {readonly ServiceProcess[]} services
 * @param {(service: ServiceProcess) => number} of
 * @param {(known: number, one: number) => number} combine
 * @returns {Record<string, number>}
 */
function byService(services, of, combine) {
  /** @type {Record<string, number>} */
  const figures = {};
  for (const service of services) figures[service.name] = combine(figures[service.name] ?? 0, of(service));
  return figures;
}
