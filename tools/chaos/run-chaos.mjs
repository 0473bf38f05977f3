import { setTimeout as sleep } from 'node:timers/promises';
import { Bucket } from '../sandbox/bucket.mjs';
import { loadFleet } from '../sandbox/fleet.mjs';
import { Forwarder } from '../sandbox/forwarder.mjs';
import { Ledger } from '../sandbox/ledger.mjs';
import { FanOuts } from './fan-outs.mjs';
import { finalChecks } from './final-checks.mjs';
import { finalFigures } from './final-figures.mjs';
import { KeptService } from './kept-service.mjs';
import { killPlan } from './kill-plan.mjs';
import { Killer } from './killer.mjs';
import { outageChecks, outageFigures } from './outage-checks.mjs';
import { BESIDE } from './outage-kinds.mjs';
import { Outages } from './outages.mjs';
import { blindChecks } from './planted-faults.mjs';
import { ProgressWatch } from './progress-watch.mjs';
import { readRemains } from './remains.mjs';
import { seededRandom } from './seeded-random.mjs';
import { watchChecks } from './watch-checks.mjs';

/**
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { Check } from './final-checks.mjs'
 * @import { KillStep } from './kill-plan.mjs'
 * @import { OutageSite } from './outage-kinds.mjs'
 * @import { Places } from './remains.mjs'
 *
 * @typedef {object} ChaosOptions
 * @property {number} kills
 * @property {readonly string[]} kinds of victims
 * @property {number} seed
 * @property {number} products in a fan-out
 * @property {(line: string) => void} say
 *
 * @typedef {object} ChaosReport
 * @property {number} seed
 * @property {Record<string, number>} kills by victim
 * @property {Check[]} checks
 * @property {Record<string, unknown>} figures
 */

const COPIES = 2;
const EPOCHS = 12;
/** Products of the source that is dead at times. */
const PRODUCTS_BESIDE = 4;
/** A service that is killed just before the ledger refuses it for a minute waits for the end of that minute. */
const START_TIMEOUT_SECONDS = 180;
const QUIET_WITHIN_MS = 10 * 60_000;
/** Longer than a lease, a redelivery and two sweeps: nothing more can happen after that. */
const STAY_QUIET_MS = 60_000;

/**
 * Kills at random times while fan-outs run, waits until all work has ended, checks.
 *
 * @param {Sandbox} sandbox
 * @param {ChaosOptions} options
 * @returns {Promise<ChaosReport>}
 */
export async function runChaos(sandbox, { kills, kinds, seed, products, say }) {
  const site = await loadShops(sandbox, products, say);
  say(`starting ${COPIES} processes of each service`);
  const env = { WORKERS: '1', START_TIMEOUT_SECONDS: String(START_TIMEOUT_SECONDS) };
  const started = await sandbox.startServices({ copies: COPIES, env });
  const services = started.map((service) => new KeptService(service));
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const watch = new ProgressWatch(ledger);
  const url = sandbox.env.NATS_URL;
  const fanOuts = await FanOuts.start({ url, ledger, seed, fewRuns: products / 2, say });
  const outages = new Outages(site, ledger, watch, (source) => fanOuts.publish(source));
  try {
    watch.start();
    const plan = killPlan(kills, seededRandom(seed), kinds);
    const done = await killAll(plan, new Killer(sandbox, services, watch, outages), say);
    await fanOuts.stop();
    say('no more kills, no more requests: waiting for the runs in progress');
    const secondsToQuiet = await untilQuiet(ledger);
    await sleep(STAY_QUIET_MS);
    await watch.stop();
    say('quiet: checking');
    const { longest } = watch.record;
    const { requests } = fanOuts;
    const answers = { ledger, brokerUrl: url, requests, products: answeredProducts(products) };
    const { checks, figures, blind } = await examine(sandbox, services, answers);
    const logs = services.map(({ name, service }) => ({ name, log: service.readLog() }));
    return {
      seed,
      kills: done,
      checks: [
        ...checks,
        ...watchChecks(watch.record, services),
        ...outageChecks(outages.past, logs),
        { rule: 'each check reports a fault that was planted for it afterwards', faults: blind },
      ],
      figures: {
        ...figures,
        requests: requests.length,
        requestsSentAgain: fanOuts.sentAgain,
        secondsToQuiet,
        longestStandstillAfterReturn: longest.afterReturn,
        longestStandstillInAll: longest.inAll,
        longestClaim: longest.claim,
        ...outageFigures(outages.past),
      },
    };
  } finally {
    await Promise.all([watch.stop(), fanOuts.abandon(), releaseAll(services)]);
    await ledger.close();
  }
}

/**
 * @param {Sandbox} sandbox
 * @param {number} products
 * @param {(line: string) => void} say
 * @returns {Promise<OutageSite>}
 */
async function loadShops(sandbox, products, say) {
  say(`simulating ${products} small products`);
  const policy = { epochs: EPOCHS };
  await loadFleet(sandbox, { products, policy });
  const beside = await loadFleet(sandbox, { products: PRODUCTS_BESIDE, policy, source: BESIDE });
  const door = await Forwarder.open(sandbox.connectionOf(beside.connectionEnv));
  sandbox.declare({ connectionEnv: beside.connectionEnv, connectionString: door.url });
  return { sandbox, door };
}

/**
 * Number of products for which each request is answered, by its source.
 *
 * @param {number} products of the main one
 * @returns {(source: string) => number}
 */
function answeredProducts(products) {
  return (source) => (source === BESIDE ? PRODUCTS_BESIDE : products);
}

/**
 * @param {Sandbox} sandbox
 * @param {readonly KeptService[]} services
 * @param {Omit<Places, 'bucket'>} answers
 */
async function examine(sandbox, services, answers) {
  const bucket = new Bucket(sandbox.env);
  try {
    const places = { ...answers, bucket };
    const remains = await readRemains(places);
    await releaseAll(services);
    return {
      checks: finalChecks(remains),
      figures: finalFigures(remains),
      blind: await blindChecks(places),
    };
  } finally {
    bucket.close();
  }
}

/** @param {readonly KeptService[]} services */
function releaseAll(services) {
  return Promise.all(services.map((service) => service.release()));
}

/**
 * @param {readonly KillStep[]} plan
 * @param {Killer} killer
 * @param {(line: string) => void} say
 * @returns {Promise<Record<string, number>>} how often each victim was killed
 */
async function killAll(plan, killer, say) {
  /** @type {Record<string, number>} */
  const done = {};
  for (const [at, step] of plan.entries()) {
    await sleep(step.pauseSeconds * 1_000);
    say(`kill ${at + 1} of ${plan.length}: ${step.victim}`);
    await killer.kill(step);
    done[step.victim] = (done[step.victim] ?? 0) + 1;
  }
  return done;
}

/**
 * @param {Ledger} ledger
 * @returns {Promise<number>} seconds until no run is in progress; above the limit: some still are
 */
async function untilQuiet(ledger) {
  const began = Date.now();
  for (;;) {
    const inFlight = await ledger.count('SELECT COUNT(*) FROM factory_run WHERE outcome IS NULL');
    const milliseconds = Date.now() - began;
    if (inFlight === 0 || milliseconds > QUIET_WITHIN_MS) return milliseconds / 1_000;
    await sleep(1_000);
  }
}
