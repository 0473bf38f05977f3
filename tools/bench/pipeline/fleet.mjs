import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';
import { provision } from '../../stack/provision.mjs';
import { readState } from '../../stack/state.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';
import { isCount } from '../is-count.mjs';
import { median } from '../measure/median.mjs';
import { cpuSeconds, forgetPeak, peakMebibytes } from '../measure/process-costs.mjs';

const COPIES = 2;
const EPOCHS = 5;
const TIMEOUT_MS = 90 * 60_000;
/** After the last end: acknowledgements and published announcements are counted, too. */
const SETTLE_MS = 3_000;

/** Per product in the large fan-out, against the mean of the two small ones. */
const MOST = { statements: 1.1, messages: 1.1, cpuSeconds: 1.1, wallSeconds: 1.3, peakMebibytes: 1.5 };

/** Three fan-outs over small products, two processes of each service: what a product costs must not grow. */
export const fleet = {
  summary:
    'cost of a product in fan-outs of 40, 396 and 40 small products (at 396 at most 1.1 times that at 40)',
  options: { rounds: { type: 'string', default: '3' }, sizes: { type: 'string', default: '40,396,40' } },
  help: `  --rounds N         how often it is repeated; the median counts (default 3)
  --sizes A,B,C      products in the three fan-outs (default 40,396,40)`,

  settingsOf({ rounds: given, sizes: list }) {
    const rounds = Number(given);
    const sizes = list.split(',').map(Number);
    const isSandwich = sizes.length === 3 && sizes.every(isCount) && sizes[1] > Math.max(sizes[0], sizes[2]);
    return {
      wrong: [
        ...(isCount(rounds) ? [] : [`--rounds ${given}: give a whole number of at least 1.`]),
        ...(isSandwich ? [] : [`--sizes ${list}: give small,large,small, such as 40,396,40.`]),
      ],
      settings: { rounds, sizes },
    };
  },

  async run(sandbox, { say, rounds, sizes }) {
    const fanOuts = [];
    for (const [at, products] of sizes.entries()) {
      const source = `fleet-${at + 1}`;
      say(`loading ${products} products as source ${source}`);
      await loadFleet(sandbox, { products, policy: { epochs: EPOCHS }, source });
      fanOuts.push({ source, products });
    }
    const measured = [];
    for (let round = 1; round <= rounds; round++) {
      if (round > 1) await freshLedger(sandbox, round);
      measured.push(await measureRound(sandbox, fanOuts, (line) => say(`round ${round}: ${line}`)));
    }
    const ratios = Object.fromEntries(
      Object.keys(MOST).map((name) => [name, median(measured.map(({ ratio }) => ratio[name]))]),
    );
    return {
      rows: measured.flatMap(({ rows }, at) => rows.map((row) => ({ round: at + 1, ...row }))),
      ratios,
      tables: measured.flatMap(({ peaks, shares }) => [
        { title: 'peak resident memory, MiB, of the larger process of each service', rows: peaks },
        { title: 'processor seconds of each service per product', rows: shares },
      ]),
      faults: Object.entries(MOST).flatMap(([name, most]) =>
        ratios[name] > most
          ? [`${name} at ${sizes[1]}: ${ratios[name].toFixed(3)} times, more than ${most}`]
          : [],
      ),
      notes: [
        'counted: every statement that MariaDB was sent (ledger and source) and every message in and out of NATS, ' +
          'polling and heartbeats included; processor time of all service processes with their threads.',
        `ratios: per product at ${sizes[1]}, divided by the mean of both small fan-outs; median of ${rounds} round(s).`,
      ],
    };
  },
};

async function measureRound(sandbox, fanOuts, say) {
  const services = await sandbox.startServices({ copies: COPIES });
  const ends = await listenForEnds(sandbox.env.NATS_URL);
  const server = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const rows = [];
  const peaks = [];
  const shares = [];
  for (const { source, products } of fanOuts) {
    for (const { pid } of services) forgetPeak(pid);
    const before = await counters(sandbox, server, services);
    const request = { productId: 0, source, grid: 'quick' };
    const ended = await ends.request(request, { runs: products, timeoutMs: TIMEOUT_MS });
    const wallSeconds = performance.now() / 1_000 - before.at;
    mustHaveVerdicts(ended);
    await sleep(SETTLE_MS);
    const after = await counters(sandbox, server, services);
    const cost = (name) => (after[name] - before[name]) / products;
    peaks.push(peaksOf(services));
    const byService = Object.fromEntries(
      Object.keys(after.byService).map((name) => [
        name,
        (after.byService[name] - before.byService[name]) / products,
      ]),
    );
    shares.push({ products, ...byService });
    rows.push({
      products,
      statements: cost('statements'),
      messages: cost('messages'),
      cpuSeconds: Object.values(byService).reduce((sum, one) => sum + one, 0),
      wallSeconds: wallSeconds / products,
      peakMebibytes: Math.max(...Object.values(peaks.at(-1))),
    });
    say(
      `${products} products in ${wallSeconds.toFixed(0)} s, ${rows.at(-1).statements.toFixed(0)} statements each`,
    );
  }
  await Promise.all([ends.close(), server.close(), ...services.map((service) => service.stop())]);
  sandbox.services = sandbox.services.filter((service) => !services.includes(service));
  return {
    rows,
    peaks: fanOuts.map(({ products }, at) => ({ products, ...peaks[at] })),
    shares,
    ratio: ratioOf(rows),
  };
}

async function counters(sandbox, server, services) {
  const [{ Value: statements }] = await server.rows("SHOW GLOBAL STATUS LIKE 'Questions'");
  const { monitor } = readState(sandbox.stack).servers.broker.ports;
  const { in_msgs, out_msgs } = await (await fetch(`http://127.0.0.1:${monitor}/varz`)).json();
  return {
    at: performance.now() / 1_000,
    statements: Number(statements),
    messages: in_msgs + out_msgs,
    byService: totals(services, ({ pid }) => cpuSeconds(pid)),
  };
}

/** Sum over the processes of each service. */
function totals(services, of) {
  const sums = {};
  for (const service of services) sums[service.name] = (sums[service.name] ?? 0) + of(service);
  return sums;
}

/** Highest of the processes of each service. */
function peaksOf(services) {
  const peaks = {};
  for (const { name, pid } of services) peaks[name] = Math.max(peaks[name] ?? 0, peakMebibytes(pid));
  return peaks;
}

function ratioOf(rows) {
  const [before, large, after] = rows;
  const small = [before, after];
  return Object.fromEntries(
    Object.keys(MOST).map((name) => [
      name,
      large[name] / (small.reduce((sum, row) => sum + row[name], 0) / small.length),
    ]),
  );
}

/** Every round begins with an empty ledger, no model and no message; the products stay loaded. */
async function freshLedger(sandbox, round) {
  const before = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const policies = await before.rows('SELECT source, product, goal, policy, updated_at FROM factory_policy');
  await before.close();
  sandbox.env.FACTORY_DATABASE_URL = sandbox.env.FACTORY_DATABASE_URL.replace(
    /\/factory\w*$/,
    `/factory_${round}`,
  );
  sandbox.env.S3_PREFIX = `round-${round}`;
  await provision(sandbox.env, () => undefined);
  const after = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  await after.rows('INSERT INTO factory_policy (source, product, goal, policy, updated_at) VALUES ?', [
    policies.map((row) => Object.values(row)),
  ]);
  await after.close();
}
