import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadFleet } from '../../sandbox/fleet.mjs';
import { Forwarder } from '../../sandbox/forwarder.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';
import { listenForEnds, mustHaveVerdicts } from './await-runs.mjs';
import { isCount } from '../is-count.mjs';
import { median } from '../measure/median.mjs';

const MOST = 1.2;
const REQUESTS = 30;
/** Products of each troubled source: its requests are for one after the other. */
const PRODUCTS = 6;
/** Processes that have just started are slower. */
const WARM_UPS = 2;
const FLAP_MS = 1_000;
/** From its requests to the moment in which the dying source falls silent: its runs are under way. */
const DIES_AFTER_MS = 1_500;
const TIMEOUT_MS = 180_000;
/** Between two measurements: what was under way has ended. */
const IDLE_MS = 3_000;
/** Closed; taking connections and answering nothing; falling silent in mid-run; coming and going each second. */
const TROUBLED = ['dead', 'silent', 'dying', 'flapping'];

/** A healthy source's retrain beside sources that are unavailable in every way, against the same retrain alone. */
export const isolation = {
  summary: `a healthy source's retrain beside a dead, a silent, a dying and a flapping one with ${REQUESTS} requests each (at most ${MOST} times as long as alone)`,
  options: { rounds: { type: 'string', default: '5' } },
  help: `  --rounds N         how often both are measured, in turn; the medians count (default 5)`,

  settingsOf({ rounds: given }) {
    const rounds = Number(given);
    const wrong = isCount(rounds) ? [] : [`--rounds ${given}: give a whole number of at least 1.`];
    return { wrong, settings: { rounds } };
  },

  async run(sandbox, { say, rounds }) {
    await loadFleet(sandbox, { products: 1, policy: { epochs: 10 }, source: 'healthy' });
    const forwarders = {};
    for (const source of TROUBLED) {
      say(`loading ${PRODUCTS} products as source ${source}`);
      await loadFleet(sandbox, { products: PRODUCTS, policy: { epochs: 2 }, source });
      const connectionEnv = `SOURCE_${source.toUpperCase()}_URL`;
      forwarders[source] = await Forwarder.open(sandbox.env[connectionEnv]);
      sandbox.declare({ connectionEnv, connectionString: forwarders[source].url });
    }
    await sandbox.startServices();
    const factory = await openFactory(sandbox, forwarders);
    const rows = [];
    try {
      for (let at = 0; at < WARM_UPS; at++) say(`warm-up: ${(await factory.retrain()).seconds.toFixed(1)} s`);
      for (let round = 1; round <= rounds; round++) {
        const alone = await factory.retrain();
        await factory.beginTrouble();
        const beside = await factory.retrain();
        const waiting = await factory.waiting();
        const steady = await factory.retrain();
        await factory.endTrouble();
        rows.push({ round, ...columns({ alone, beside, steady }), ...waiting });
        say(
          `round ${round}: ${[alone, beside, steady].map(({ seconds }) => seconds.toFixed(1)).join(', ')} s`,
        );
      }
    } finally {
      await factory.close();
    }
    const of = (name) => median(rows.map((row) => row[name]));
    const ratios = {
      'as they become unavailable': of('beside seconds') / of('alone seconds'),
      'while they are unavailable': of('steady seconds') / of('alone seconds'),
    };
    return {
      rows,
      ratios,
      faults: Object.entries(ratios).flatMap(([when, ratio]) =>
        ratio > MOST ? [`${when}: ${ratio.toFixed(2)} times, more than ${MOST}`] : [],
      ),
      notes: [
        `ratios: medians of ${rounds} round(s), alone and beside in turn on the same services (one process each).`,
        'beside: from the moment on in which the sources become unavailable; steady: the retrain after that. queued: ' +
          'time until the request was taken, and between stages up to sampling, where a source can be in the way.',
        `the troubled sources' requests end after sampling, so that no time of theirs is spent in the trainer.`,
      ],
    };
  },
};

function columns(measured) {
  const of = (field) => Object.entries(measured).map(([name, one]) => [`${name} ${field}`, one[field]]);
  return Object.fromEntries([...of('seconds'), ...of('queuedSeconds')]);
}

async function openFactory(sandbox, forwarders) {
  const ends = await listenForEnds(sandbox.env.NATS_URL);
  const connection = await connect({ servers: sandbox.env.NATS_URL });
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  let seed = 0;
  let stopFlapping = async () => undefined;

  async function retrain() {
    await sleep(IDLE_MS);
    const began = performance.now();
    const request = { productId: 1, source: 'healthy', grid: 'full', seed: String(++seed) };
    const ended = await ends.request(request, { runs: 1, timeoutMs: TIMEOUT_MS });
    mustHaveVerdicts(ended);
    const seconds = (performance.now() - began) / 1_000;
    return { seconds, queuedSeconds: await queuedSeconds(ended[0].run, seconds) };
  }

  /** Of the whole time what was not spent in the hands of the two stages that read sources, or after them. */
  async function queuedSeconds(run, seconds) {
    const [row] = await ledger.rows(
      `SELECT SUM(IF(s.stage IN ('data-prep', 'sampling'),
                     TIMESTAMPDIFF(MICROSECOND, s.claimed_at, s.settled_at), 0)) / 1e6 AS reading,
              TIMESTAMPDIFF(MICROSECOND, MAX(IF(s.stage = 'sampling', s.settled_at, NULL)),
                            MAX(r.finished_at)) / 1e6 AS rest
         FROM factory_run r JOIN factory_stage s ON s.run_id = r.run_id WHERE r.run_id = ?`,
      [run],
    );
    return Math.max(0, seconds - Number(row.reading) - Number(row.rest));
  }

  async function beginTrouble() {
    await forwarders.dead.close();
    forwarders.silent.swallow(true);
    stopFlapping = forwarders.flapping.flap(FLAP_MS);
    for (const source of TROUBLED)
      for (let at = 0; at < REQUESTS; at++) {
        const request = { productId: (at % PRODUCTS) + 1, source, until: 'sampling', seed: `${seed}-${at}` };
        connection.publish('factory.retrain.requested', JSON.stringify(request));
      }
    await connection.flush();
    // Falls silent while the healthy retrain goes on.
    setTimeout(() => forwarders.dying.swallow(true), IDLE_MS + DIES_AFTER_MS);
  }

  async function waiting() {
    const count = async (text) => Number(await ledger.value(text));
    return {
      waitingRequests: await count('SELECT COUNT(*) FROM factory_request_wait'),
      waitingRuns: await count(
        `SELECT COUNT(*) FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
          WHERE s.wait_since IS NOT NULL AND r.outcome IS NULL`,
      ),
      attemptsUsed: await count('SELECT COALESCE(SUM(attempt), 0) FROM factory_stage'),
    };
  }

  /** What waits is taken back, so that the next round begins with an idle factory. */
  async function endTrouble() {
    const manager = await jetstreamManager(connection);
    for (const stream of ['FACTORY_REQUESTS', 'FACTORY']) await manager.streams.purge(stream);
    await ledger.rows("UPDATE factory_run SET outcome = 'cancelled', active = NULL WHERE outcome IS NULL");
    await ledger.rows('DELETE FROM factory_request_wait');
    await stopFlapping();
    await forwarders.dead.reopen();
    for (const source of ['silent', 'dying']) forwarders[source].swallow(false);
  }

  return {
    ...{ retrain, beginTrouble, waiting, endTrouble },
    async close() {
      await stopFlapping();
      await Promise.all([ends.close(), connection.close(), ledger.close()]);
      for (const forwarder of Object.values(forwarders)) await forwarder.close();
    },
  };
}
