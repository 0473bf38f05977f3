import { sendTrial, type TrialsQueued } from '@factory/contracts';
import { DEFAULT_POLICY, RunSkippedError, runIdOf, type Trial } from '@factory/domain';
import {
  connectLedger,
  migrateLedger,
  Requests,
  Runs,
  sqlOf,
  StageClaims,
  StageCommits,
  trialsOf,
  type Claim,
  type EventDraft,
  type StoredEvent,
} from '@factory/ledger';
import { freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { RunGroup } from './run-group';
import { specOutcome, specTrial } from './spec-trials';
import type { GroupRequest } from './train-group';

let database: FreshDatabase;
let dataSource: DataSource;
let claims: StageClaims;
let commits: StageCommits;
let product = 0;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  claims = new StageClaims(dataSource);
  commits = new StageCommits(dataSource, 'spec');
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.dispose();
});

const file = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };
const SHORTER = [
  { start: '2023-03-18T00:00:00.000Z', rows: 10 },
  { start: '2023-03-03T00:00:00.000Z', rows: 40 },
];
const trialsOfGroup = (at: number) => [specTrial(2 * at - 1, { node1: 4 }), specTrial(2 * at, { node1: 16 })];
const group = (at: number): EventDraft => ({
  ...{ event: 'trials.queued', shard: `g00${at}`, pool: 'default' },
  body: {
    ...{ pool: 'default', dataset: file, transform: file, matrix: { rows: 100, width: 2 }, seed: 's' },
    ...{ f1: 1, f0: 0.1, search: 'asha', shorter: SHORTER },
    combinations: trialsOfGroup(at).map(sendTrial),
  },
});

/** A run of two groups of two trials, with two shorter windows. */
async function planned(): Promise<string> {
  const key = { source: 'main', product: ++product, goal: 'sale' };
  const requestKey = `request-${product}`;
  const body = { end: '2023-04-01T00:00:00.000Z', grid: 'quick' };
  await new Requests(dataSource, 'spec').take({
    ...{ requestKey, payload: {}, requestedBy: 'spec', reason: '', force: false, seed: null, until: null },
    runs: [{ ...key, policy: DEFAULT_POLICY, grid: 'quick', body }],
  });
  const claim = await claimed(runIdOf(requestKey, key), 'data-prep', '0');
  await commits.complete(claim, { output: {}, events: [group(1), group(2)] }, 1);
  return claim.run;
}

async function claimed(run: string, stage: string, shard: string): Promise<Claim> {
  const answer = await claims.claim({ run, stage, shard }, 'spec');
  if (answer.kind !== 'claimed') throw new RangeError(`${stage}/${shard} is ${answer.kind}`);
  return answer.claim;
}

/** What the pod was asked to train. */
const asked: GroupRequest[] = [];

/** The trainer, whose trials get the given losses; null: it diverged. */
function trainer(lossOf: (trial: Trial) => number | null): RunGroup {
  const execute = (request: GroupRequest) => {
    asked.push(request);
    return Promise.resolve(
      request.trials.map((one) => {
        const loss = lossOf(one);
        return specOutcome(
          one,
          loss,
          loss === null ? { status: 'diverged' } : { weights: Buffer.from(`model ${one.trial}`) },
        );
      }),
    );
  };
  return new RunGroup({ put: () => Promise.resolve() }, { execute }, claims);
}

async function train(
  run: string,
  shard: string,
  lossOf: (trial: Trial) => number | null,
): Promise<StoredEvent[]> {
  const claim = await claimed(run, 'trials', shard);
  return commits.complete(claim, await resultOf(claim, lossOf), 1);
}

const resultOf = (claim: Claim, lossOf: (trial: Trial) => number | null) =>
  trainer(lossOf).execute({
    ...{ input: claim.input as TrialsQueued, claim, policy: DEFAULT_POLICY, seed: undefined },
    ...{ signal: new AbortController().signal, tell: () => undefined },
  });

async function giveUp(run: string, shard: string, error: unknown): Promise<StoredEvent[]> {
  const claim = await claimed(run, 'trials', shard);
  const failure = await commits.fail({ ...claim, attempt: 4 }, error, (sql, header) =>
    trainer(() => null).giveUp(sql, header, claim, error),
  );
  return failure.kind === 'ended' ? failure.events : [];
}

const names = (events: readonly StoredEvent[]) => events.map(({ event, shard }) => `${event}/${shard}`);
const byNumber = ({ trial }: Trial) => trial / 10;

/** Trial 3 wins. */
async function searched(): Promise<{ run: string; queued: StoredEvent[] }> {
  const run = await planned();
  expect(await train(run, 'g001', () => 0.5)).toEqual([]);
  return { run, queued: await train(run, 'g002', byNumber) };
}

describe('the groups on shorter windows', () => {
  it('train the winner once on each, when the search has ended', async () => {
    const { queued } = await searched();
    expect(names(queued)).toEqual(['trials.queued/w001', 'trials.queued/w002']);
    const [, winner] = [0, trialsOfGroup(2)[0]!];
    expect(queued.map(({ body }) => body)).toMatchObject(
      SHORTER.map(({ start, rows }, at) => ({
        matrix: { rows, width: 2 },
        combinations: [sendTrial({ ...winner, trial: 5 + at })],
        trainFrom: start,
      })),
    );
    for (const { body } of queued)
      for (const no of ['shorter', 'search']) expect(body).not.toHaveProperty(no);
  });

  it('leave models beside the candidates: with the lowest loss of all they win nothing', async () => {
    const { run } = await searched();
    expect(await train(run, 'w002', () => 0.001)).toEqual([]);
    const [event, ...more] = await train(run, 'w001', () => 0.002);
    expect([event?.event, more]).toEqual(['model.trained', []]);
    const { candidates, windows } = event?.body as { candidates: unknown; windows: unknown };
    expect(candidates).toMatchObject([{ trial: 1 }, { trial: 3 }]);
    expect(windows).toMatchObject([
      { start: SHORTER[0]?.start, candidate: { trial: 5, naturalValidationLogLoss: 0.002 } },
      { start: SHORTER[1]?.start, candidate: { trial: 6, naturalValidationLogLoss: 0.001 } },
    ]);
    expect(event?.body).toMatchObject({ trialsDone: 4, trialsFailed: 0 });
    expect(asked.at(-1)).toMatchObject({ trainFrom: SHORTER[0]?.start, matrix: { rows: 10 } });
    expect((await trialsOf(dataSource, run)).map(({ trial, trainFrom }) => [trial, trainFrom])).toEqual([
      ...[1, 2, 3, 4].map((trial) => [trial, null]),
      [5, SHORTER[0]?.start],
      [6, SHORTER[1]?.start],
    ]);
  });

  it('are missing where one was lost, diverged, or has too little to learn from, and the run goes on', async () => {
    const lost = await searched();
    await giveUp(lost.run, 'w001', new RunSkippedError('nothing-to-learn', 'no goal in the train rows'));
    const [one] = await train(lost.run, 'w002', () => 0.1);
    expect(one?.event).toBe('model.trained');
    expect((one?.body as { windows: unknown[] }).windows).toMatchObject([{ start: SHORTER[1]?.start }]);

    const none = await searched();
    await train(none.run, 'w001', () => null);
    const [event] = await giveUp(none.run, 'w002', new TypeError('broken'));
    expect(event?.event).toBe('model.trained');
    expect(event?.body).not.toHaveProperty('windows');
    expect((await trialsOf(dataSource, none.run)).at(-1)).toMatchObject({
      ...{ trial: 6, status: 'failed', trainFrom: SHORTER[1]?.start },
      error: 'its group was given up: broken',
    });
  });

  it('are queued once, however often the last group of the search ends', async () => {
    const run = await planned();
    await train(run, 'g001', () => 0.5);
    const claim = await claimed(run, 'trials', 'g002');
    const result = await resultOf(claim, byNumber);
    const refused = commits.complete({ ...claim, token: claim.token - 1 }, result, 1);
    await expect(refused).rejects.toMatchObject({ code: 'claim-lost' });
    expect(names(await commits.complete(claim, result, 1))).toHaveLength(2);
    await expect(commits.complete(claim, result, 1)).rejects.toMatchObject({ code: 'claim-lost' });
    const groups = await sqlOf(dataSource).rows(
      "SELECT shard FROM factory_stage WHERE run_id = ? AND shard LIKE 'w%'",
      [run],
    );
    expect(groups).toHaveLength(2);
  });

  it('stay as they are when a group of the search is done again after them', async () => {
    const run = await planned();
    await giveUp(run, 'g001', new TypeError('broken'));
    await train(run, 'g002', byNumber);
    await train(run, 'w001', () => 0.2);
    await commits.end(run, { outcome: 'cancelled', reason: 'spec' });
    await new Runs(dataSource, 'spec').resume(run, { who: 'spec', reason: 'driver fixed' });
    await train(run, 'w002', () => 0.2);
    const [event] = await train(run, 'g001', () => 0.01);
    expect(event?.body).toMatchObject({ candidates: [{ trial: 1 }, { trial: 3 }], windows: [{}, {}] });
  });

  it('do not follow a search without a winner', async () => {
    const run = await planned();
    await train(run, 'g001', () => null);
    expect(names(await train(run, 'g002', () => null))).toEqual(['run.finished/0']);
  });
});
