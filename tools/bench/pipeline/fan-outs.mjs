import { loadFleet } from '../../sandbox/fleet.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';
import { provision } from '../../stack/provision.mjs';
import { meanOf, median } from '../measure/statistics.mjs';
import { measureRound } from './fan-out-costs.mjs';

/**
 * @import { Sandbox } from '../../sandbox/sandbox.mjs'
 * @import { Bench, BenchContext, BenchResult } from '../bench.mjs'
 * @import { FanOut, FanOutCost, Round } from './fan-out-costs.mjs'
 *
 * @typedef {Record<keyof typeof MOST, number>} FanOutRatios
 */

const EPOCHS = 5;

/** Per product in the large fan-out, divided by the mean of the two small ones. */
const MOST = { statements: 1.1, messages: 1.1, cpuSeconds: 1.1, wallSeconds: 1.3, peakMebibytes: 1.5 };
const FIGURES = /** @type {(keyof typeof MOST)[]} */ (Object.keys(MOST));

/**
 * Three fan-outs over small products, two processes of each service: the cost per product must not grow.
 *
 * @type {Bench}
 */
export const fleet = {
  summary:
    'cost of a product in fan-outs of 40, 396 and 40 small products (at 396 at most 1.1 times that at 40)',
  options: { rounds: { type: 'string', default: '3' }, sizes: { type: 'string', default: '40,396,40' } },
  help: `  --rounds N         repetitions; the median counts (default 3)
  --sizes A,B,C      products in the three fan-outs (default 40,396,40)`,

  prepare(options) {
    const [rounds, sizes] = [options.count('rounds'), options.counts('sizes')];
    const [before = 0, large = 0, after = 0] = sizes;
    if (sizes.length !== 3 || !(large > Math.max(before, after)))
      options.refuse('sizes', 'small,large,small, such as 40,396,40');
    return (context) => measure(context, { rounds, sizes });
  },
};

/**
 * @param {BenchContext} context
 * @param {{rounds: number, sizes: readonly number[]}} settings
 * @returns {Promise<BenchResult>}
 */
async function measure({ say, openServers }, { rounds, sizes }) {
  const sandbox = await openServers();
  /** @type {FanOut[]} */
  const fanOuts = [];
  for (const [at, products] of sizes.entries()) {
    const source = `fleet-${at + 1}`;
    say(`loading ${products} products as source ${source}`);
    await loadFleet(sandbox, { products, policy: { epochs: EPOCHS }, source });
    fanOuts.push({ source, products });
  }
  /** @type {Round[]} */
  const measured = [];
  for (let round = 1; round <= rounds; round++) {
    if (round > 1) await freshLedger(sandbox, round);
    measured.push(await measureRound(sandbox, fanOuts, (line) => say(`round ${round}: ${line}`)));
  }
  const ratios = medianRatios(measured.map(({ costs }) => ratiosOf(costs)));
  const large = Math.max(...sizes);
  return {
    rows: measured.flatMap(({ costs }, at) => costs.map((cost) => ({ round: at + 1, ...cost }))),
    ratios,
    tables: measured.flatMap(({ peaks, shares }) => [
      { title: 'peak resident memory, MiB, of the larger process of each service', rows: peaks },
      { title: 'processor seconds of each service per product', rows: shares },
    ]),
    faults: FIGURES.flatMap((name) =>
      ratios[name] > MOST[name]
        ? [`${name} at ${large}: ${ratios[name].toFixed(3)} times, more than ${MOST[name]}`]
        : [],
    ),
    notes: [
      'counted: every statement sent to MariaDB (ledger and source) and every message in and out of NATS, ' +
        'polling and heartbeats included; processor time of all service processes with their threads.',
      `ratios: per product at ${large}, divided by the mean of both small fan-outs; median of ${rounds} round(s).`,
    ],
  };
}

/**
 * Cost per product in the largest fan-out, divided by the mean of the others.
 *
 * @param {readonly FanOutCost[]} costs of one round
 * @returns {FanOutRatios}
 */
export function ratiosOf(costs) {
  const most = Math.max(...costs.map(({ products }) => products));
  /** @param {keyof typeof MOST} name */
  const ratio = (name) => {
    const [large, small] = [true, false].map((isLarge) =>
      meanOf(costs.filter(({ products }) => (products === most) === isLarge).map((cost) => cost[name])),
    );
    return Number(large) / Number(small);
  };
  return byFigure(ratio);
}

/**
 * @param {readonly FanOutRatios[]} rounds
 * @returns {FanOutRatios}
 */
function medianRatios(rounds) {
  return byFigure((name) => median(rounds.map((ratios) => ratios[name])));
}

/**
 * @param {(name: keyof typeof MOST) => number} figure
 * @returns {FanOutRatios}
 */
function byFigure(figure) {
  const entries = FIGURES.map((name) => [name, figure(name)]);
  return /** @type {FanOutRatios} */ (Object.fromEntries(entries));
}

/**
 * Every round starts with an empty ledger, no models and no messages; the products stay loaded.
 *
 * @param {Sandbox} sandbox
 * @param {number} round
 */
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
