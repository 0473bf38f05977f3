import { NewerVersionError, type FactoryError } from '@factory/domain';
import { SourceWaits, recordTrials, sqlOf, type TrialRow } from '@factory/ledger';
import { evaluateScores } from '@factory/metrics';
import { S3ObjectStore, putVerified, s3ConfigSchema } from '@factory/object-store';
import { reportOf } from '@factory/registry/spec-bundle';
import { freshBucketPrefix } from '@factory/testing';
import { cancelRun } from '../actions/cancel-runs';
import { SpecFleet, artefact, change, prepared, window } from '../spec-fleet';
import type { RunReport } from './run-report';
import { showRun } from './show-run';

const fresh = freshBucketPrefix('show-run');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let fleet: SpecFleet;
let faults: FactoryError[];

beforeAll(async () => {
  fleet = await SpecFleet.open();
});
beforeEach(() => {
  faults = [];
});
afterAll(async () => {
  await fleet?.close();
  store.close();
  await fresh.dispose();
});

const show = (run: string, from: () => S3ObjectStore = () => store): Promise<RunReport> =>
  showRun({ ledger: fleet.ledger, store: from, codeVersion: 'spec' }, run, (why) => faults.push(why));
const notOpened = (): never => {
  throw new RangeError('the store is of no use to this run');
};

const counts = {
  population: { goals: 11_000, others: 90_000 },
  drawn: { goals: 11_000, others: 88_000 },
  f1: 1,
  f0: 0.97,
  outOfTime: { goals: 5, others: 6 },
};
const settings = {
  node1: 8,
  node2: 4,
  dropout1: 0.2,
  dropout2: 0.2,
  optimizer: 'adam' as const,
  learningRate: 0.001,
  lrAnnealing: 0.1,
  batchSize: 256,
  epochs: 5,
};
const trial: TrialRow = {
  ...{ trial: 1, family: 'network', settings, status: 'done', epochsRun: 5, rateDrops: 0 },
  ...{ trainLoss: 0.2, trainAccuracy: 0.9, validationLoss: 0.25, validationAccuracy: 0.9 },
  ...{ testLoss: 0.26, testAccuracy: 0.9, testPrecision: 0.5, testRecall: 0.4 },
  ...{ naturalValidationLogLoss: 0.054, naturalTestLogLoss: 0.055, rocAuc: 0.87, prAuc: 0.3 },
  ...{ parameters: 3_000, seconds: 4.2, rowsPerSecond: 1e5, engine: 'wasm', error: null },
};
const candidate = { trial: 1, weights: artefact, naturalValidationLogLoss: 0.054, parameters: 30 };
const metrics = evaluateScores(
  Float64Array.of(0.1, 0.1, 0.1, 0.9),
  Uint8Array.of(0, 0, 0, 1),
  new Float64Array(4).fill(1),
  0.5,
);

/** A run with a trial, up to sampling. */
async function sampledRun(requestKey: string): Promise<string> {
  const run = await fleet.startRun(requestKey);
  await fleet.did(run, 'data-prep', prepared);
  await fleet.did(run, 'sampling', {
    output: { dataset: artefact, ledger: artefact, counts },
    events: [
      {
        event: 'model.trained',
        shard: '0',
        body: { trialsDone: 1, trialsFailed: 0, candidates: [candidate] },
      },
    ],
    record: (sql, header) => recordTrials(sql, header, [trial]),
  });
  return run;
}

/** The same, evaluated and kept; its report is as `body` says. */
async function evaluatedRun(requestKey: string, change: object = {}) {
  const run = await sampledRun(requestKey);
  const { source, product, goal } = await show(run);
  const verdict = { decision: 'keep', reasons: [] };
  const report = { ...reportOf({ source, product, goal }, run, metrics), ...change };
  const stored = await putVerified(store, `runs/${run}/report.json`, JSON.stringify(report), {
    contentType: 'application/json',
  });
  await fleet.did(run, 'evaluator', {
    output: { report: stored, candidate, verdict },
    end: { outcome: 'kept', reason: 'not better' },
  });
  return { run, stored, verdict };
}

describe('what happened to a run', () => {
  it('is put together from its units, trials, people, and the source that it waits for', async () => {
    const run = await fleet.startRun('shown');
    await fleet.did(run, 'data-prep', prepared);
    await new SourceWaits(fleet.ledger).recordWork({ run, stage: 'sampling', shard: '0' }, 'refused');
    expect(await show(run.slice(0, 13), notOpened)).toMatchObject({
      run,
      requestKey: 'shown',
      outcome: null,
      waiting: { source: 'main', refused: true },
      unreadable: [],
      units: [
        { stage: 'data-prep', status: 'done', owner: 'worker-1', failedAttempts: 0 },
        { stage: 'sampling', status: 'queued', owner: null },
      ],
      window,
      counts: null,
      trials: [],
      search: null,
      winner: null,
      evaluation: null,
      verdict: null,
      published: null,
      audit: [],
    });
    await cancelRun(fleet, run, change);
    const { outcome, reason, waiting, audit, seconds } = await show(run, notOpened);
    expect([outcome, reason, waiting]).toEqual(['cancelled', 'drift', null]);
    expect(audit).toMatchObject([{ ...change, action: 'cancel' }]);
    expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('has the findings of its checks: those of sampling from the store, the others from the ledger', async () => {
    const finding = { code: 'rows-low', severity: 'stop', figure: 0.5, limit: 0.67, words: 'Half of them.' };
    const overruled = { ...finding, overruled: { reason: 'closed', by: 'ann' } };
    const shift = { ...finding, code: 'shift', column: 'age', chance: 0.001, severity: 'warn' };
    const dataChecks = await putVerified(store, 'runs/checked/data-checks.json', JSON.stringify([shift]), {
      contentType: 'application/json',
    });
    const run = await fleet.startRun('checked');
    await fleet.did(run, 'data-prep', {
      ...prepared,
      output: { ...prepared.output, findings: [overruled, { code: 'no finding' }] },
    });
    const [first] = (await show(run, notOpened)).findings;
    expect(first).toEqual({ ...overruled, stage: 'data-prep' });
    const sample = { dataset: artefact, ledger: artefact, counts };
    await fleet.did(run, 'sampling', {
      output: { ...sample, dataChecks },
      events: [{ event: 'sample.drawn', shard: '0', body: sample }],
    });
    const table = { ...finding, code: 'leak-table', column: 'invoices' };
    await fleet.did(run, 'trainer-plan', {
      output: { transform: artefact, findings: [table] },
      end: { outcome: 'rejected', reason: 'leak-table' },
    });
    expect((await show(run)).findings).toEqual([
      { ...overruled, stage: 'data-prep' },
      { ...shift, stage: 'sampling' },
      { ...table, stage: 'trainer-plan' },
    ]);
    await store.delete(dataChecks.key);
    expect((await show(run)).findings).toHaveLength(2);
    expect(faults).toMatchObject([{ code: 'object-not-found' }]);
  });

  it('has the figures of its evaluation from the store', async () => {
    const { run, verdict } = await evaluatedRun('evaluated');
    const report = await show(run);
    expect(report).toMatchObject({
      outcome: 'kept',
      counts,
      winner: 1,
      verdict,
      trials: [{ trial: 1, rocAuc: 0.87, combination: { trial: 1, node1: 8 } }],
      evaluation: { baseRate: 0.2, champion: null, metrics: { test: { rocAuc: metrics.rocAuc } } },
    });
    expect(report.controlOverhead.transitions.map(({ from, to }) => `${from}-${to}`)).toContain(
      'data-prep-sampling',
    );
    expect(faults).toEqual([]);
  });

  it.each<[string, (key: string) => Promise<unknown>, string]>([
    ['is gone', (key) => store.delete(key), 'object-not-found'],
    [
      'has other bytes',
      (key) => store.put(key, Buffer.from('{}'), { contentType: 'application/json' }),
      'sha256-mismatch',
    ],
  ])('is shown without the figures of a report that %s, which is told', async (_, spoil, code) => {
    const { run, stored, verdict } = await evaluatedRun(`report ${code}`);
    await spoil(stored.key);
    expect(await show(run)).toMatchObject({ outcome: 'kept', winner: 1, verdict, evaluation: null });
    expect(faults).toMatchObject([{ code }]);
  });

  it('is shown without the figures of a report of a later release, which is told', async () => {
    const { run } = await evaluatedRun('later-report', { schemaVersion: 99 });
    expect(await show(run)).toMatchObject({ outcome: 'kept', evaluation: null });
    expect(faults).toMatchObject([{ code: 'newer-version' }]);
  });

  it('is shown without its trials where one is of a family of a later release, which is told', async () => {
    const run = await sampledRun('later-trial');
    await sqlOf(fleet.ledger).change(
      "UPDATE agg_propensity_model_train_hyperparameter SET family = 'forest' WHERE run_id = ?",
      [run],
    );
    expect(await show(run)).toMatchObject({ trials: [], search: null, counts, outcome: null });
    expect(faults).toEqual([expect.any(NewerVersionError)]);
  });

  it('is asked for by the id of a run that there is, or enough of it', async () => {
    await expect(show('ffffffff')).rejects.toMatchObject({ code: 'unknown-run' });
    await expect(show('abc')).rejects.toMatchObject({ code: 'invalid-run' });
  });
});
