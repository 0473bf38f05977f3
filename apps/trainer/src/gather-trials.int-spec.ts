import { readTrial, sendTrial, type Candidate, type TrialsQueued } from '@factory/contracts';
import { DEFAULT_POLICY, RunSkippedError, runIdOf, type Trial, type Until } from '@factory/domain';
import {
  connectLedger,
  endOf,
  migrateLedger,
  recordTrials,
  Requests,
  RunRecord,
  Runs,
  sqlOf,
  StageClaims,
  StageCommits,
  trialsOf,
  type Claim,
  type EventDraft,
  type StageResult,
  type StoredEvent,
} from '@factory/ledger';
import { freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { bestOf, countOutcomes, recordLostTrials, settleGroup, type GroupOutput } from './gather-trials';
import type { TrialOutcome } from './trial-outcome';
import { specOutcome, specTrial } from './spec-trials';

let database: FreshDatabase;
let dataSource: DataSource;
let claims: StageClaims;
let commits: StageCommits;
let runs: Runs;
let product = 0;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  claims = new StageClaims(dataSource);
  commits = new StageCommits(dataSource, 'spec');
  runs = new Runs(dataSource, 'spec');
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.dispose();
});

const file = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };
const group = (at: number): EventDraft => ({
  event: 'trials.queued',
  shard: `g00${at}`,
  pool: 'default',
  body: {
    pool: 'default',
    dataset: file,
    transform: file,
    matrix: { rows: 10, width: 2 },
    seed: 's',
    f1: 1,
    f0: 0.1,
    combinations: [specTrial(2 * at - 1), specTrial(2 * at)].map(sendTrial),
  },
});
const outcome = (trial: number, loss: number | null) =>
  specOutcome(specTrial(trial, { epochs: 5 }), loss, loss === null ? { status: 'diverged' } : {});
const candidate = (trial: number, naturalValidationLogLoss: number): Candidate => ({
  trial,
  weights: file,
  naturalValidationLogLoss,
  parameters: 10,
});

/** A run planned as `count` groups of two trials, of which `inFlight` are queued. */
async function planned(groups: number, inFlight: number, until: Until | null = null): Promise<string> {
  const key = { source: 'main', product: ++product, goal: 'sale' };
  const requestKey = `request-${product}`;
  const body = { end: '2023-04-01T00:00:00.000Z', grid: 'quick' };
  await new Requests(dataSource, 'spec').take({
    requestKey,
    payload: {},
    requestedBy: 'spec',
    reason: '',
    force: false,
    seed: null,
    until,
    runs: [{ ...key, policy: DEFAULT_POLICY, grid: 'quick', body }],
  });
  const drafts = Array.from({ length: groups }, (_, at) => group(at + 1));
  const claim = await claimed(runIdOf(requestKey, key), 'data-prep', '0');
  const events = drafts.slice(0, inFlight);
  await commits.complete(claim, { output: {}, events, planned: drafts.slice(inFlight) }, 1);
  return claim.run;
}

async function claimed(run: string, stage: string, shard: string): Promise<Claim> {
  const answer = await claims.claim({ run, stage, shard }, 'spec');
  if (answer.kind !== 'claimed') throw new RangeError(`${stage}/${shard} is ${answer.kind}`);
  return answer.claim;
}

/** Completes a group as the trainer does; a loss of null is a trial that diverged. */
function finish(run: string, at: number, ...losses: readonly (number | null)[]): Promise<StoredEvent[]> {
  return finishWith(run, at, ({ trial }, index) => outcome(trial, losses[index] ?? null));
}

async function finishWith(
  run: string,
  at: number,
  outcomeOf: (one: Trial, index: number) => TrialOutcome,
): Promise<StoredEvent[]> {
  const claim = await claimed(run, 'trials', `g00${at}`);
  const input = claim.input as TrialsQueued;
  const outcomes = input.combinations.map(readTrial).map(outcomeOf);
  const best = bestOf(outcomes);
  const output: GroupOutput = {
    ...countOutcomes(outcomes),
    candidate: best ? candidate(best.trial, best.naturalValidationLogLoss ?? NaN) : null,
  };
  const result: StageResult = {
    output: { ...output },
    record: async (sql, header) => {
      await recordTrials(sql, header, outcomes);
      return settleGroup(sql, header, claim, input);
    },
  };
  return commits.complete(claim, result, 1);
}

/** Gives a group up as the trainer does. */
async function fail(run: string, at: number, error: unknown): Promise<StoredEvent[]> {
  const claim = await claimed(run, 'trials', `g00${at}`);
  const input = claim.input as TrialsQueued;
  const failure = await commits.fail({ ...claim, attempt: 4 }, error, async (sql, header) => {
    if (error instanceof RunSkippedError) return { end: endOf(error) };
    await recordLostTrials(sql, header, input, error);
    return settleGroup(sql, header, claim, input, error);
  });
  return failure.kind === 'ended' ? failure.events : [];
}

const names = (events: readonly StoredEvent[]) => events.map(({ event, shard }) => `${event}/${shard}`);
const stageRows = (run: string, stage: string) =>
  sqlOf(dataSource).rows('SELECT shard, status FROM factory_stage WHERE run_id = ? AND stage = ?', [
    run,
    stage,
  ]);

describe('a settled group', () => {
  it('queues the next group in the same commit', async () => {
    const run = await planned(4, 2);
    expect(names(await finish(run, 2, 0.2, 0.3))).toEqual(['trials.queued/g003']);
    expect(names(await fail(run, 1, new TypeError('broken')))).toEqual(['trials.queued/g004']);
    expect(await stageRows(run, 'trials')).toEqual([
      { shard: 'g001', status: 'failed' },
      { shard: 'g002', status: 'done' },
      { shard: 'g003', status: 'queued' },
      { shard: 'g004', status: 'queued' },
    ]);
  });

  it('queues nothing when the commit is refused', async () => {
    const run = await planned(2, 1);
    const claim = await claimed(run, 'trials', 'g001');
    await expect(
      commits.complete(
        { ...claim, token: claim.token - 1 },
        {
          output: {},
          record: (sql, header) => settleGroup(sql, header, claim, claim.input as TrialsQueued),
        },
        1,
      ),
    ).rejects.toMatchObject({ code: 'claim-lost' });
    expect(await stageRows(run, 'trials')).toEqual([
      { shard: 'g001', status: 'leased' },
      { shard: 'g002', status: 'planned' },
    ]);
  });

  it('emits nothing while other groups are open', async () => {
    const run = await planned(2, 2);
    expect(await finish(run, 1, 0.2, 0.3)).toEqual([]);
    expect(await stageRows(run, 'gather')).toEqual([]);
  });
});

describe('the last group', () => {
  it('gathers the best trial of each, and counts those that failed', async () => {
    const run = await planned(3, 3);
    await finish(run, 1, 0.3, 0.2);
    await finish(run, 2, null, null);
    const [event, ...more] = await finish(run, 3, 0.25, null);
    const body = {
      trialsDone: 3,
      trialsFailed: 3,
      candidates: [candidate(2, 0.2), candidate(5, 0.25)],
    };
    expect([event?.event, event?.shard, more]).toEqual(['model.trained', '0', []]);
    expect(event?.body).toMatchObject({ run, ...body });
    expect(await new RunRecord(dataSource).gathered(run)).toEqual(body);
    expect(await stageRows(run, 'evaluator')).toEqual([{ shard: '0', status: 'queued' }]);
    expect(await runs.find(run)).toMatchObject({ outcome: null, stage: 'evaluator' });
  });

  it('distinguishes halted from failed trials, and none of them is a candidate', async () => {
    const run = await planned(2, 2);
    await finish(run, 1, 0.3, null);
    const [event] = await finishWith(run, 2, ({ trial }, index) => ({
      ...outcome(trial, index === 0 ? 0.1 : 0.4),
      status: index === 0 ? 'halted' : 'done',
      epochsRun: index === 0 ? 2 : 5,
    }));
    expect(event?.body).toMatchObject({
      trialsDone: 2,
      trialsFailed: 1,
      trialsHalted: 1,
      candidates: [candidate(1, 0.3), candidate(4, 0.4)],
    });
    const [group] = await sqlOf(dataSource).rows(
      "SELECT output FROM factory_stage WHERE run_id = ? AND shard = 'g002'",
      [run],
    );
    const output: unknown =
      typeof group?.['output'] === 'string' ? JSON.parse(group['output']) : group?.['output'];
    expect(output).toMatchObject({ trials: 2, failed: 0, halted: 1, epochsTrained: 7, epochsAtMost: 10 });
    expect(
      (await trialsOf(dataSource, run)).map(({ status, epochsRun }) => [status, epochsRun]),
    ).toContainEqual(['halted', 2]);
  });

  it('gathers even if it failed itself, and reports its trials', async () => {
    const run = await planned(2, 2);
    await finish(run, 1, 0.3, 0.2);
    const [event] = await fail(run, 2, new TypeError('broken'));
    expect(event?.body).toMatchObject({ trialsDone: 2, trialsFailed: 2, candidates: [candidate(2, 0.2)] });
    expect((await trialsOf(dataSource, run)).map(({ status, error }) => [status, error])).toEqual([
      ['done', null],
      ['done', null],
      ['failed', 'its group was given up: broken'],
      ['failed', 'its group was given up: broken'],
    ]);
  });

  it('ends the run as failed when every trial diverged', async () => {
    const run = await planned(2, 2);
    await finish(run, 1, null, null);
    expect(names(await finish(run, 2, null, null))).toEqual(['run.finished/0']);
    expect(await runs.find(run)).toMatchObject({
      outcome: 'failed',
      reason: 'no-trial-succeeded',
      details: { message: 'none of the trials succeeded; 0 groups were given up' },
    });
    expect(await stageRows(run, 'gather')).toEqual([]);
  });

  it('ends the run with the last error when every group was given up', async () => {
    const run = await planned(2, 2);
    await fail(run, 1, new TypeError('first'));
    await fail(run, 2, new TypeError('second'));
    expect(await runs.find(run)).toMatchObject({
      reason: 'no-trial-succeeded',
      details: { message: 'none of the trials succeeded; 2 groups were given up', lastError: 'second' },
    });
  });

  it('ends a run with `until: training` after gathering its trials', async () => {
    const run = await planned(1, 1, 'training');
    expect(names(await finish(run, 1, 0.2, 0.3))).toEqual(['run.finished/0']);
    expect(await runs.find(run)).toMatchObject({ outcome: 'skipped', reason: 'until-training' });
    expect(await stageRows(run, 'evaluator')).toEqual([]);
    expect(await new RunRecord(dataSource).gathered(run)).toMatchObject({ trialsDone: 2 });
  });
});

describe('a group with too little data to learn from', () => {
  it('ends the run as skipped, with the figures, and no group follows', async () => {
    const run = await planned(3, 2);
    const error = new RunSkippedError('nothing-to-learn', 'the test rows hold 0 goals', { goals: 0 });
    expect(names(await fail(run, 1, error))).toEqual(['run.finished/0']);
    expect(await runs.find(run)).toMatchObject({
      outcome: 'skipped',
      reason: 'nothing-to-learn',
      details: { goals: 0 },
    });
    expect(await claims.claim({ run, stage: 'trials', shard: 'g002' }, 'spec')).toEqual({ kind: 'ended' });
  });
});
