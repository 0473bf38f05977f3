import { setTimeout as sleep } from 'node:timers/promises';
import { Bucket } from '../sandbox/bucket.mjs';
import { loadFleet } from '../sandbox/fleet.mjs';
import { Ledger } from '../sandbox/ledger.mjs';
import { Forwarder } from '../sandbox/forwarder.mjs';
import { FanOuts } from './fan-outs.mjs';
import { finalChecks } from './final-checks.mjs';
import { KeptService } from './kept-service.mjs';
import { killPlan } from './kill-plan.mjs';
import { BESIDE, outageChecks, outageFigures, Outages } from './outages.mjs';
import { blindChecks } from './planted-faults.mjs';
import { ProgressWatch } from './progress-watch.mjs';
import { seededRandom } from './seeded-random.mjs';
import { victims } from './victims.mjs';

const COPIES = 2;
const EPOCHS = 5;
/** Of the source that is dead now and then. */
const PRODUCTS_BESIDE = 4;
/** A service that is killed just before its ledger refuses it for a minute waits until it does no more. */
const START_TIMEOUT_SECONDS = 180;
/** Longest that work may stand still once its servers are back. */
const LONGEST_STANDSTILL_SECONDS = 60;
/** Longest claim of such small work on a crowded machine; a handler that hangs goes on renewing. */
const LONGEST_CLAIM_SECONDS = 120;
const QUIET_WITHIN_MS = 10 * 60_000;
/** Longer than a lease, a redelivery and two sweeps: what would still come has come. */
const STAY_QUIET_MS = 60_000;

/**
 * Kills at random moments while fan-outs run, waits for quiet, checks.
 *
 * @param {object} sandbox
 * @param {{kills: number, kinds: string[], seed: number, products: number, say: (line: string) => void}} options
 */
export async function runChaos(sandbox, { kills, kinds, seed, products, say }) {
  say(`simulating ${products} small products`);
  const policy = { epochs: EPOCHS };
  const ids = await loadFleet(sandbox, { products, policy });
  await loadFleet(sandbox, { products: PRODUCTS_BESIDE, policy, source: BESIDE });
  sandbox.door = await Forwarder.open(sandbox.env.SOURCE_BESIDE_URL);
  sandbox.declare({ connectionEnv: 'SOURCE_BESIDE_URL', connectionString: sandbox.door.url });
  say(`starting ${COPIES} processes of each service`);
  const env = { WORKERS: '1', START_TIMEOUT_SECONDS: String(START_TIMEOUT_SECONDS) };
  const started = await sandbox.startServices({ copies: COPIES, env });
  const services = started.map((service) => new KeptService(service));
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const watch = new ProgressWatch(ledger);
  const fanOuts = new FanOuts({ url: sandbox.env.NATS_URL, ledger, seed, fewRuns: products / 2, say });
  const outages = new Outages(sandbox, ledger, watch, (source) => fanOuts.publish(source));
  try {
    watch.start();
    await fanOuts.start();
    const plan = killPlan(kills, seededRandom(seed), kinds);
    const done = await killAll(plan, victims(sandbox, services, watch, outages), say);
    await fanOuts.stop();
    say('no more kills, no more requests: waiting for the runs in flight');
    const secondsToQuiet = await untilQuiet(ledger);
    await sleep(STAY_QUIET_MS);
    await watch.stop();
    say('quiet: checking');
    const { checks, figures, blind } = await examine(
      sandbox,
      ledger,
      services,
      answers(ids.length),
      fanOuts.requests,
    );
    return {
      seed,
      kills: done,
      checks: [
        ...checks,
        ...watchChecks(watch, services),
        ...outageChecks(
          outages.past,
          services.map(({ name, service }) => ({ name, log: service.readLog() })),
        ),
        { rule: 'each check sees a fault that was planted for it, afterwards', faults: blind },
      ],
      figures: {
        ...figures,
        requests: fanOuts.requests.length,
        requestsSentAgain: fanOuts.sentAgain,
        secondsToQuiet,
        longestStandstillAfterReturn: watch.longest.afterReturn,
        longestStandstillInAll: watch.longest.inAll,
        longestClaim: watch.longest.claim,
        ...outageFigures(outages.past),
      },
    };
  } finally {
    watch.stopped = true;
    fanOuts.stopped = true;
    await releaseAll(services);
    await ledger.close();
  }
}

/** How many products each request is answered for, by its source. */
function answers(products) {
  return (source) => (source === BESIDE ? PRODUCTS_BESIDE : products);
}

async function examine(sandbox, ledger, services, products, requests) {
  const bucket = new Bucket(sandbox.env);
  try {
    const at = { ledger, bucket, brokerUrl: sandbox.env.NATS_URL, products, requests };
    const found = await finalChecks(at);
    await releaseAll(services);
    return { ...found, blind: await blindChecks(at) };
  } finally {
    bucket.close();
  }
}

function releaseAll(services) {
  return Promise.all(services.map((service) => service.release()));
}

async function killAll(plan, { kill }, say) {
  const done = {};
  for (const [at, step] of plan.entries()) {
    await sleep(step.pauseSeconds * 1_000);
    say(`kill ${at + 1} of ${plan.length}: ${step.victim}`);
    await kill(step);
    done[step.victim] = (done[step.victim] ?? 0) + 1;
  }
  return done;
}

async function untilQuiet(ledger) {
  const began = Date.now();
  for (;;) {
    const inFlight = Number(await ledger.value('SELECT COUNT(*) FROM factory_run WHERE outcome IS NULL'));
    const seconds = (Date.now() - began) / 1_000;
    if (inFlight === 0 || Date.now() - began > QUIET_WITHIN_MS) return seconds;
    await sleep(1_000);
  }
}

function watchChecks({ violations, longest }, services) {
  const { afterReturn, claim } = longest;
  return [
    { rule: 'what was final never changed, and no run was left without work', faults: violations },
    {
      rule: `no work stood still for more than ${LONGEST_STANDSTILL_SECONDS} s with all servers up`,
      faults:
        afterReturn.seconds > LONGEST_STANDSTILL_SECONDS
          ? [`${afterReturn.seconds.toFixed(1)} s: ${afterReturn.unit}`]
          : [],
    },
    {
      rule: `no claim was held for more than ${LONGEST_CLAIM_SECONDS} s`,
      faults: claim.seconds > LONGEST_CLAIM_SECONDS ? [`${claim.seconds.toFixed(1)} s: ${claim.unit}`] : [],
    },
    {
      rule: 'no service ended unless it was killed',
      faults: services.flatMap(({ name, crashes }) => crashes.map((log) => `${name}: ${log}`)),
    },
  ];
}
