import { ARROW_CONTENT_TYPE, encodeDataset } from '@factory/dataset';
import { completePolicy, expandGrid, runIdOf, selectWinner } from '@factory/domain';
import {
  connectLedger,
  EventLog,
  Requests,
  Runs,
  StageClaims,
  StageCommits,
  trialsOf,
} from '@factory/ledger';
import { connectBroker, JetStreamPublisher } from '@factory/messaging';
import { putVerified, S3ObjectStore } from '@factory/object-store';
import { storeConfigOf } from '@factory/service-kit';
import { Announcer } from '@factory/stage';
import { setTimeout as sleep } from 'node:timers/promises';

const WHO = 'bench';
const LOOK_MS = 250;

export { expandGrid };

/**
 * Runs that begin at the trainer: the ledger, the bucket and the stream hold what the stages before it would have
 * left, so that nothing but a trainer needs to be running.
 *
 * @param {NodeJS.ProcessEnv} env addresses of a provisioned stack
 */
export async function openTrainerRuns(env) {
  const ledger = await connectLedger(env.FACTORY_DATABASE_URL);
  const broker = await connectBroker({ url: env.NATS_URL, name: WHO });
  return new TrainerRuns(ledger, broker, new S3ObjectStore(storeConfigOf(env)));
}

class TrainerRuns {
  products = 0;

  constructor(ledger, broker, store) {
    this.ledger = ledger;
    this.broker = broker;
    this.store = store;
    this.runs = new Runs(ledger, WHO);
    this.announcer = new Announcer(new EventLog(ledger), new JetStreamPublisher(broker));
  }

  /** @param {import('@factory/domain').Dataset} dataset @returns its reference */
  putDataset(dataset) {
    return putVerified(this.store, 'bench/dataset.arrow', encodeDataset(dataset), {
      contentType: ARROW_CONTENT_TYPE,
    });
  }

  /** @param {object} transform fitted @returns its reference */
  putTransform(transform) {
    return putVerified(this.store, 'bench/transform.json', `${JSON.stringify(transform)}\n`, {
      contentType: 'application/json',
    });
  }

  /**
   * A grid from a drawn dataset to its gathered candidates.
   *
   * @param {{dataset: object, f1: number, f0: number, grid: string, policy: object}} options `policy`: what differs
   *   from the default
   * @returns {Promise<TrainerReport>}
   */
  trainGrid({ dataset, f1, f0, grid, policy }) {
    const none = { goals: 0, others: 0 };
    const counts = { population: none, drawn: none, f1, f0, outOfTime: none };
    const body = { dataset, ledger: dataset, counts };
    return this.train({ grid, policy, draft: { event: 'sample.drawn', shard: '0', body } });
  }

  /**
   * Given combinations as one group.
   *
   * @param {{dataset: object, transform: object, matrix: {rows: number, width: number}, f1: number, f0: number,
   *   combinations: object[]}} group
   * @returns {Promise<TrainerReport>}
   */
  trainGroup(group) {
    const body = { pool: 'default', seed: WHO, ...group };
    const draft = { event: 'trials.queued', shard: 'g001', pool: 'default', body };
    return this.train({ grid: 'quick', policy: {}, draft });
  }

  async train({ grid, policy, draft }) {
    const run = await this.start({ grid, policy: completePolicy(policy), draft });
    for (;;) {
      const { outcome, reason, details } = await this.runs.find(run);
      if (outcome === 'skipped' && reason === 'until-training') return this.report(run);
      if (outcome) {
        const errors = (await trialsOf(this.ledger, run)).flatMap(({ error }) => error ?? []);
        throw new Error(
          [`the run ended: ${reason}`, JSON.stringify(details), ...errors.slice(0, 3)].join('\n'),
        );
      }
      await sleep(LOOK_MS);
    }
  }

  /** Takes the parts of data-prep and sampling: opens a run and leaves it to the trainer. */
  async start({ grid, policy, draft }) {
    const key = { source: 'main', product: ++this.products, goal: 'sale' };
    const requestKey = `${WHO}-${key.product}`;
    const body = { end: new Date().toISOString(), grid };
    await new Requests(this.ledger, WHO).take({
      ...{
        requestKey,
        payload: {},
        requestedBy: WHO,
        reason: '',
        force: false,
        seed: WHO,
        until: 'training',
      },
      runs: [{ ...key, policy, grid, body }],
    });
    const run = runIdOf(requestKey, key);
    const { claim } = await new StageClaims(this.ledger).claim({ run, stage: 'data-prep', shard: '0' }, WHO);
    const commits = new StageCommits(this.ledger, WHO);
    await this.announcer.announce(await commits.complete(claim, { output: {}, events: [draft] }, 1));
    return run;
  }

  /**
   * @typedef {object} TrainerReport
   * @property {number} seconds from the start of planning (of training, for a single group) to gathered candidates
   * @property {number} trials
   * @property {number} failed
   * @property {number} epochs trained by all trials
   * @property {string} engine
   * @property {object} winner combination
   * @property {number} winnerEpochs
   * @property {number} testLogLoss natural, of the winner
   */
  async report(run) {
    const stages = await this.runs.stages(run);
    const began = Math.min(
      ...stages
        .filter(({ stage }) => stage === 'trainer-plan' || stage === 'trials')
        .map(({ claimedAt }) => claimedAt.getTime()),
    );
    const gathered = stages.find(({ stage }) => stage === 'gather').settledAt.getTime();
    const trials = await trialsOf(this.ledger, run);
    const winning = selectWinner(trials.map((one) => ({ ...one, trial: one.combination.trial })));
    return {
      seconds: (gathered - began) / 1_000,
      trials: trials.length,
      failed: trials.filter(({ status }) => !['done', 'halted'].includes(status)).length,
      epochs: trials.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
      engine: winning.engine,
      winner: winning.combination,
      winnerEpochs: winning.epochsRun,
      testLogLoss: winning.naturalTestLogLoss,
    };
  }

  async close() {
    await this.broker.close();
    await this.ledger.destroy();
    this.store.close?.();
  }
}
