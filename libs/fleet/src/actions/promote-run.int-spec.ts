import { Runs, auditOf, inTransaction, recordGather, replaceChampion } from '@factory/ledger';
import { S3ObjectStore, putVerified, s3ConfigSchema } from '@factory/object-store';
import type { ArtefactRef } from '@factory/contracts';
import type { ModelKey } from '@factory/domain';
import { freshBucketPrefix } from '@factory/testing';
import { SpecFleet, change, prepared, window } from '../spec-fleet';
import { holdModel, releaseModel, retireModel } from './model-state';
import { promoteRun } from './promote-run';

const fresh = freshBucketPrefix('promote');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let fleet: SpecFleet;
let file: ArtefactRef;
let requests = 0;

beforeAll(async () => {
  fleet = await SpecFleet.open();
  file = await putVerified(store, 'runs/file', 'the files of a run', { contentType: 'text/plain' });
});
beforeEach(() => {
  fleet.announced.length = 0;
});
afterAll(async () => {
  await fleet?.close();
  store.close();
  await fresh.dispose();
});

const counts = {
  population: { goals: 60, others: 2_400 },
  drawn: { goals: 60, others: 240 },
  f1: 1,
  f0: 0.1,
  outOfTime: { goals: 0, others: 0 },
};

/** A run that the evaluator kept. @param of the file that each of its stages left */
async function keptRun(
  key: ModelKey = fleet.newKey(),
  of: ArtefactRef = file,
  judgedEpoch = 0,
): Promise<string> {
  const run = await fleet.startRun(`promote-${++requests}`, key);
  const candidate = { trial: 1, weights: of, naturalValidationLogLoss: 0.2, parameters: 5 };
  const trained = { trialsDone: 4, trialsFailed: 0, candidates: [candidate] };
  await fleet.did(run, 'data-prep', { ...prepared, output: { window, checks: of } });
  await fleet.did(run, 'sampling', {
    output: { dataset: of, ledger: of, counts },
    events: [{ event: 'sample.drawn', shard: '0', body: { dataset: of, ledger: of, counts } }],
  });
  await fleet.did(run, 'trainer-plan', {
    output: { transform: of },
    events: [{ event: 'model.trained', shard: '0', body: trained }],
    record: (sql) => recordGather(sql, run, trained),
  });
  const body = { verdict: 'keep', report: of, scores: of, candidate, judgedEpoch };
  await fleet.did(run, 'evaluator', {
    output: { ...body, verdict: { decision: 'keep', decisive: 'worse' }, decision: 'keep' },
    events: [{ event: 'model.evaluated', shard: '0', body }],
  });
  await fleet.did(run, 'publisher', {
    output: { verdict: 'keep', reason: 'worse' },
    end: { outcome: 'kept', reason: 'worse' },
  });
  fleet.announced.length = 0;
  return run;
}

const promote = (run: string, epoch?: number) =>
  promoteRun(fleet, store, { run, change, ...(epoch === undefined ? {} : { epoch }) });
const found = (run: string) => new Runs(fleet.ledger, 'spec').find(run);
const publish = (key: ModelKey, run: string, epoch: number) =>
  inTransaction(fleet.ledger, (sql) =>
    replaceChampion(
      sql,
      { ...key, version: `v-${epoch + 1}`, location: 'x', manifestSha256: 'a'.repeat(64), run, metrics: {} },
      epoch,
    ),
  );

describe('promoting a run', () => {
  it('asks the publisher again, with the verdict’s files and who wants it', async () => {
    const run = await keptRun();
    expect(await promote(run.slice(0, 13))).toEqual({ run, result: 'asked', epoch: 0 });
    const promotedBy = { ...change, verdict: 'keep', decisive: 'worse' };
    expect(fleet.announced).toMatchObject([
      {
        event: 'model.evaluated',
        shard: 'person-1',
        body: { run, shard: 'person-1', verdict: 'promote', judgedEpoch: 0, report: file, promotedBy },
      },
    ]);
    expect(await found(run)).toMatchObject({ outcome: null, stage: 'publisher' });
    expect(await fleet.claimed(run, 'publisher').catch(() => 'done')).toBe('done');
    expect(await auditOf(fleet.ledger, run)).toMatchObject([
      { ...change, action: 'promote', details: { shard: 'person-1', outcome: 'kept', because: 'worse' } },
    ]);
  });

  it('twice, or two at once, asks once', async () => {
    const run = await keptRun();
    const both = await Promise.all([promote(run), promote(run)]);
    expect(both.map(({ result }) => result).sort()).toEqual(['already-asked', 'asked']);
    expect(await promote(run)).toMatchObject({ result: 'already-asked' });
    expect(fleet.announced).toHaveLength(1);
    expect(await auditOf(fleet.ledger, run)).toHaveLength(1);
  });

  it('over another champion than it was compared with needs the epoch of that one', async () => {
    const key = fleet.newKey();
    const run = await keptRun(key);
    await publish(key, '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111', 0);
    await expect(promote(run)).rejects.toMatchObject({
      code: 'champion-changed',
      message: expect.stringContaining('--epoch 1') as string,
    });
    await expect(promote(run, 7)).rejects.toMatchObject({ code: 'champion-changed' });
    expect(await found(run)).toMatchObject({ outcome: 'kept' });
    expect(await promote(run, 1)).toMatchObject({ result: 'asked', epoch: 1 });
    expect(fleet.announced).toMatchObject([{ body: { judgedEpoch: 1 } }]);
  });

  it('whose version is in force is nothing to do', async () => {
    const key = fleet.newKey();
    const run = await keptRun(key);
    await publish(key, run, 0);
    await fleet.ledger.query("UPDATE factory_run SET outcome = 'published' WHERE run_id = ?", [run]);
    expect(await promote(run)).toEqual({ run, result: 'in-force', epoch: 1 });
    expect(fleet.announced).toEqual([]);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['that was never judged', () => fleet.startRun(`promote-${++requests}`), 'no-candidate'],
    ['that is not there', () => Promise.resolve('ffffffff'), 'unknown-run'],
    [
      'whose files are gone',
      () => keptRun(fleet.newKey(), { ...file, key: 'runs/nowhere' }),
      'candidate-gone',
    ],
    [
      'that failed',
      async () => {
        const run = await keptRun();
        await fleet.ledger.query("UPDATE factory_run SET outcome = 'failed' WHERE run_id = ?", [run]);
        return run;
      },
      'run-not-promotable',
    ],
    [
      'of a product with a run in flight',
      async () => {
        const key = fleet.newKey();
        const run = await keptRun(key);
        await fleet.startRun(`promote-${++requests}`, key);
        return run;
      },
      'already-running',
    ],
    [
      'of a product that is held',
      async () => {
        const key = fleet.newKey();
        await holdModel(fleet, { key, until: null, change }, new Date());
        return keptRun(key);
      },
      'model-held',
    ],
    [
      'of a product that is retired',
      async () => {
        const key = fleet.newKey();
        await retireModel(fleet, store, { key, change });
        return keptRun(key);
      },
      'model-retired',
    ],
  ])('%s is refused, and nothing is changed', async (_what, of, code) => {
    const run = await of();
    fleet.announced.length = 0;
    await expect(promote(run)).rejects.toMatchObject({ code });
    expect(fleet.announced).toEqual([]);
    expect(await auditOf(fleet.ledger, run)).toEqual([]);
  });
});

describe('holding a model', () => {
  const now = new Date('2030-01-01T00:00:00Z');

  it('is recorded once, until another end is wanted', async () => {
    const key = fleet.newKey();
    const until = new Date('2030-02-01T00:00:00Z');
    const held = (end: Date | null) => holdModel(fleet, { key, until: end, change }, now);
    expect(await held(until)).toEqual({ ...key, until, result: 'held' });
    expect(await held(until)).toEqual({ ...key, until, result: 'was-held' });
    expect(await held(null)).toMatchObject({ until: null, result: 'held' });
    const actions = await auditOf(fleet.ledger, `main/sale/${key.product}`);
    expect(actions.map(({ details }) => details)).toEqual([
      { until: '2030-02-01T00:00:00.000Z' },
      { until: null },
    ]);
    expect(await releaseModel(fleet, store, { key, change })).toMatchObject({ result: 'no-hold-now' });
  });

  it('in the past, or of a retired model, is refused', async () => {
    const key = fleet.newKey();
    const past = { key, until: new Date('2029-12-31T00:00:00Z'), change };
    await expect(holdModel(fleet, past, now)).rejects.toMatchObject({ code: 'hold-in-the-past' });
    await retireModel(fleet, store, { key, change });
    await expect(holdModel(fleet, { key, until: null, change }, now)).rejects.toMatchObject({
      code: 'model-retired',
    });
  });
});
