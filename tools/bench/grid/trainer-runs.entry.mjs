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
import { putVerified, s3ConfigSchema, S3ObjectStore } from '@factory/object-store';
import { Announcer } from '@factory/stage';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @import { ArtefactRef } from '@factory/contracts'
 * @import { Dataset, GridName, NetworkSettings } from '@factory/domain'
 * @import { Transform } from '@factory/normalisation'
 * @import { EventDraft, StageSummary } from '@factory/ledger'
 * @import { SandboxEnvironment } from '../../sandbox/environment.mjs'
 * @import { TrainedGrid } from './grid-rows.mjs'
 *
 * @typedef {object} Grid from a drawn dataset to its gathered candidates
 * @property {ArtefactRef} dataset
 * @property {number} f1 drawn share of goals
 * @property {number} f0 drawn share of other visits
 * @property {GridName} grid
 * @property {Readonly<Record<string, unknown>>} policy differences from the default
 *
 * @typedef {object} Group of given combinations
 * @property {ArtefactRef} dataset
 * @property {ArtefactRef} transform fitted
 * @property {{rows: number, width: number}} matrix
 * @property {number} f1
 * @property {number} f0
 * @property {readonly (NetworkSettings & { trial: number })[]} combinations
 *
 * @typedef {{grid: GridName, policy: Readonly<Record<string, unknown>>, draft: EventDraft}} Beginning
 *
 * @typedef {TrainedGrid & {failed: number}} TrainerReport seconds: from the start of planning (of training, for a
 *   single group) to gathered candidates
 */

const WHO = 'bench';
const LOOK_MS = 250;

export { expandGrid };

/**
 * Runs that start at the trainer: ledger, bucket and stream contain what the earlier stages would have written, so
 * only a trainer has to be running.
 */
export class TrainerRuns {
  #ledger;
  #broker;
  #store;
  #runs;
  #announcer;
  #products = 0;

  /**
   * @param {Awaited<ReturnType<typeof connectLedger>>} ledger
   * @param {Awaited<ReturnType<typeof connectBroker>>} broker
   * @param {S3ObjectStore} store
   */
  constructor(ledger, broker, store) {
    this.#ledger = ledger;
    this.#broker = broker;
    this.#store = store;
    this.#runs = new Runs(ledger, WHO);
    this.#announcer = new Announcer(new EventLog(ledger), new JetStreamPublisher(broker));
  }

  /** @param {SandboxEnvironment} env addresses of a provisioned stack */
  static async open(env) {
    const ledger = await connectLedger(env.FACTORY_DATABASE_URL);
    const broker = await connectBroker({ url: env.NATS_URL, name: WHO });
    return new TrainerRuns(ledger, broker, new S3ObjectStore(storeConfig(env)));
  }

  /**
   * @param {Dataset} dataset
   * @returns {Promise<ArtefactRef>}
   */
  putDataset(dataset) {
    return putVerified(this.#store, 'bench/dataset.arrow', encodeDataset(dataset), {
      contentType: ARROW_CONTENT_TYPE,
    });
  }

  /**
   * @param {Transform} transform
   * @returns {Promise<ArtefactRef>}
   */
  putTransform(transform) {
    return putVerified(this.#store, 'bench/transform.json', `${JSON.stringify(transform)}\n`, {
      contentType: 'application/json',
    });
  }

  /**
   * @param {Grid} grid
   * @returns {Promise<TrainerReport>}
   */
  trainGrid({ dataset, f1, f0, grid, policy }) {
    const none = { goals: 0, others: 0 };
    const counts = { population: none, drawn: none, f1, f0, outOfTime: none };
    const body = { dataset, ledger: dataset, counts };
    return this.#train({ grid, policy, draft: { event: 'sample.drawn', shard: '0', body } });
  }

  /**
   * @param {Group} group
   * @returns {Promise<TrainerReport>}
   */
  trainGroup(group) {
    const body = { pool: 'default', seed: WHO, ...group };
    const draft = { event: /** @type {const} */ ('trials.queued'), shard: 'g001', pool: 'default', body };
    return this.#train({ grid: 'quick', policy: {}, draft });
  }

  async close() {
    await this.#broker.close();
    await this.#ledger.destroy();
    this.#store.close();
  }

  /**
   * @param {Beginning} beginning
   * @returns {Promise<TrainerReport>}
   * @throws with the errors of its trials, if the run ended before it was trained
   */
  async #train(beginning) {
    const run = await this.#start(beginning);
    for (;;) {
      const { outcome, reason, details } = await this.#runs.find(run);
      if (outcome === 'skipped' && reason === 'until-training') return this.#report(run);
      if (outcome) {
        const errors = (await trialsOf(this.#ledger, run)).flatMap(({ error }) => error ?? []);
        throw new Error(
          [`the run ended: ${reason}`, JSON.stringify(details), ...errors.slice(0, 3)].join('\n'),
        );
      }
      await sleep(LOOK_MS);
    }
  }

  /**
   * Acts as data-prep and sampling: creates a run and hands it to the trainer.
   *
   * @param {Beginning} beginning
   */
  async #start({ grid, policy, draft }) {
    const key = { source: 'main', product: ++this.#products, goal: 'sale' };
    const requestKey = `${WHO}-${key.product}`;
    const body = { end: new Date().toISOString(), grid };
    await new Requests(this.#ledger, WHO).take({
      requestKey,
      payload: {},
      requestedBy: WHO,
      reason: '',
      force: false,
      seed: WHO,
      until: 'training',
      runs: [{ ...key, policy: completePolicy(policy), grid, body }],
    });
    const run = runIdOf(requestKey, key);
    const claimed = await new StageClaims(this.#ledger).claim({ run, stage: 'data-prep', shard: '0' }, WHO);
    if (claimed.kind !== 'claimed') throw new Error(`data-prep of run ${run} is ${claimed.kind}`);
    const commits = new StageCommits(this.#ledger, WHO);
    const events = await commits.complete(claimed.claim, { output: {}, events: [draft] }, 1);
    await this.#announcer.announce(events);
    return run;
  }

  /**
   * @param {string} run
   * @returns {Promise<TrainerReport>}
   */
  async #report(run) {
    const trials = await trialsOf(this.#ledger, run);
    const winner = selectWinner(trials);
    if (!winner) throw new Error(`run ${run} has no winner among ${trials.length} trials`);
    return {
      seconds: trainingSeconds(await this.#runs.stages(run)),
      trials: trials.length,
      failed: trials.filter(({ status }) => status !== 'done' && status !== 'halted').length,
      epochs: trials.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
      engine: winner.engine ?? '',
      winner: winner.settings,
      winnerEpochs: winner.epochsRun ?? NaN,
      testLogLoss: winner.naturalTestLogLoss ?? NaN,
    };
  }
}

/** @param {SandboxEnvironment} env */
function storeConfig(env) {
  return s3ConfigSchema.parse({
    endpoint: env.S3_ENDPOINT,
    region: env.S3_REGION,
    accessKeyId: env.S3_ACCESS_KEY_ID,
    secretAccessKey: env.S3_SECRET_ACCESS_KEY,
    bucket: env.S3_BUCKET,
    prefix: env.S3_PREFIX,
  });
}

/** @param {readonly StageSummary[]} stages */
function trainingSeconds(stages) {
  const began = stages.flatMap(({ stage, claimedAt }) =>
    claimedAt && (stage === 'trainer-plan' || stage === 'trials') ? [claimedAt.getTime()] : [],
  );
  const gathered = stages.find(({ stage }) => stage === 'gather')?.settledAt;
  if (!gathered) throw new Error('the candidates were not gathered');
  return (gathered.getTime() - Math.min(...began)) / 1_000;
}
