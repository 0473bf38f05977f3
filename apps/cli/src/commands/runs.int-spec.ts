import { STREAMS, type ArtefactRef } from '@factory/contracts';
import { runIdOf } from '@factory/domain';
import { recordTrials, SourceWaits, type RunSummary } from '@factory/ledger';
import { listenToControl } from '@factory/messaging';
import { evaluateScores } from '@factory/metrics';
import type { Report } from '@factory/model';
import { until } from '@factory/testing';
import type { RunReport } from '@factory/fleet';
import type { Environment } from '../servers/servers';
import { reportOf } from '@factory/registry/spec-bundle';
import { SpecFactory, key } from '../spec-kit/spec-factory';

const artefact = { key: 'runs/x', sha256: 'a'.repeat(64), bytes: 1 };

describe('factory runs and cancel', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  it('lists a run whose row cannot be read, and all other runs', async () => {
    const odd = await factory.startRun('odd-row');
    const { affectedRows } = await factory.ledger.query(
      "UPDATE factory_run SET policy = '{' WHERE run_id = ?",
      [odd],
    );
    expect(affectedRows).toBe(1);
    await factory.startRun('after-odd');
    const { code, stdout } = await factory.cli.run('runs');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`${odd.slice(0, 8)}.*unreadable in the ledger: policy`));
    expect((await factory.cli.json<RunSummary[]>('runs')).length).toBeGreaterThan(1);
    expect((await factory.cli.run('runs', 'show', odd)).stdout).toMatch(
      /fault +unreadable in the ledger: policy/,
    );
  });

  it('shows what happened at each stage of a run, identified by a prefix of its id', async () => {
    const run = await factory.startRun('shown');
    const window = {
      start: '2023-02-01T00:00:00.000Z',
      trainEnd: '2023-03-25T00:00:00.000Z',
      end: '2023-04-01T00:00:00.000Z',
      days: 52,
      sales: 11_000,
    };
    const candidates = [
      { start: '2023-03-18T00:00:00.000Z', days: 7, sales: 1_500 },
      { start: window.start, days: 52, sales: 11_000 },
    ];
    await factory.did(run, 'data-prep', {
      output: { window, candidates, checks: artefact },
      events: [{ event: 'data.prepared', shard: '0', body: { window, checks: artefact } }],
    });
    const counts = {
      population: { goals: 11_000, others: 90_000 },
      drawn: { goals: 11_000, others: 88_000 },
      f1: 1,
      f0: 0.97,
      outOfTime: { goals: 5, others: 6 },
    };
    await factory.did(run, 'sampling', {
      output: { dataset: artefact, ledger: artefact, counts },
      record: async (sql, header) => {
        await recordTrials(sql, header, [
          {
            trial: 1,
            family: 'network',
            settings: {
              node1: 64,
              node2: 32,
              dropout1: 0.2,
              dropout2: 0.2,
              optimizer: 'adam',
              learningRate: 0.001,
              lrAnnealing: 0.1,
              batchSize: 256,
              epochs: 50,
            },
            status: 'done',
            epochsRun: 12,
            rateDrops: 1,
            trainLoss: 0.2,
            trainAccuracy: 0.9,
            validationLoss: 0.25,
            validationAccuracy: 0.9,
            testLoss: 0.26,
            testAccuracy: 0.9,
            testPrecision: 0.5,
            testRecall: 0.4,
            naturalValidationLogLoss: 0.05432,
            naturalTestLogLoss: 0.055,
            rocAuc: 0.8765,
            prAuc: 0.3,
            parameters: 3_000,
            seconds: 4.2,
            rowsPerSecond: 1e5,
            engine: 'wasm',
            error: null,
          },
        ]);
      },
      end: { outcome: 'skipped', reason: 'until sampling' },
    });
    const report = await factory.cli.json<RunReport>('runs', 'show', run.slice(0, 12));
    expect(report).toMatchObject({
      run,
      outcome: 'skipped',
      reason: 'until sampling',
      candidates,
      counts,
      units: [
        { stage: 'data-prep', status: 'done', owner: 'worker-1', failedAttempts: 0 },
        { stage: 'sampling', status: 'done' },
      ],
      trials: [{ rocAuc: 0.8765 }],
      verdict: null,
    });
    expect(report.controlOverhead.transitions.map(({ from, to }) => `${from}-${to}`)).toEqual([
      'request-data-prep',
      'data-prep-sampling',
    ]);
    expect(
      report.controlOverhead.transitions.every((one) => one.overheadMs >= 5 && one.overheadMs < 60_000),
    ).toBe(true);
    const { stdout } = await factory.cli.run('runs', 'show', run);
    expect(stdout).toMatch(/2023-02-01 00:00:00 +52\.0 +11,000 +chosen/);
    expect(stdout).toMatch(/1 +64, 32 +0\.2, 0\.2 +adam 0\.001 +256 +12\/50 +1 +0\.2500 +0\.05432 +0\.8765/);
  });

  describe('of a run that was evaluated', () => {
    const scores = (goal: number) => Float64Array.of(0.1, 0.1, 0.1, goal);
    const metricsOf = (goal: number) =>
      evaluateScores(scores(goal), Uint8Array.of(0, 0, 0, 1), new Float64Array(4).fill(1), 0.5);
    const evaluatedRun = async (name: string) => {
      const run = await factory.startRun(name);
      const report: Report = {
        ...reportOf(key, run, metricsOf(0.7)),
        champion: { version: 'v1', metrics: metricsOf(0.2) },
        verdict: { decision: 'keep', decisive: 'inconclusive', reasons: [] },
      };
      return { run, report, stored: await factory.evaluated(run, report) };
    };

    it('shows the figures of candidate and champion, as they are in its report', async () => {
      const { run, report } = await evaluatedRun('compared');
      const { judging, baseRate, candidate, metrics, champion, warnings } = report;
      const shown = await factory.cli.json<RunReport>('runs', 'show', run);
      expect(shown.evaluation).toEqual({ judging, baseRate, candidate, metrics, champion, warnings });
      const { stdout, stderr } = await factory.cli.run('runs', 'show', run);
      expect(stdout).toMatch(/^Evaluation\njudged on 200 test rows with 40 goals: .*\nchampion v1$/m);
      expect(stdout).toMatch(/^ +CANDIDATE +CHAMPION +TRAIN +TEST$/m);
      expect(stdout).toMatch(/^log-loss +0\.16819 +0\.48138 +0\.16819 +0\.16819$/m);
      expect(stderr).toBe('');
    });

    it.each<[string, string, (report: ArtefactRef) => Promise<unknown>, Environment]>([
      ['is gone', 'object-not-found', ({ key: name }) => factory.store.delete(name), {}],
      [
        'has changed bytes',
        'sha256-mismatch',
        ({ key: name }) => factory.store.put(name, '{}', { contentType: 'application/json' }),
        {},
      ],
      ['is unavailable', 'store-away', () => Promise.resolve(), { S3_ENDPOINT: 'http://127.0.0.1:1' }],
      ['has no bucket configured', 'bad-configuration', () => Promise.resolve(), { S3_BUCKET: '' }],
    ])('shows the rest and a warning where the report %s', async (what, code, spoil, env) => {
      const { run, stored } = await evaluatedRun(`spoilt ${what}`);
      await spoil(stored);
      const { code: exit, stdout, stderr } = await factory.cliWith(env).run('runs', 'show', run, '--json');
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: expect.stringContaining(`(${code})`) as string });
      expect(JSON.parse(stdout)).toMatchObject({ run, evaluation: null, verdict: { decision: 'keep' } });
    });
  });

  it('shows a run that could not begin: its code, and what to do', async () => {
    const message = 'policy.epochs = 0: give a whole number from 1 to 10000';
    const run = await factory.refuseRun('unsound', {
      outcome: 'failed',
      reason: 'invalid-policy',
      details: { message },
    });
    expect(await factory.cli.json('runs', 'show', run)).toMatchObject({
      ...{ outcome: 'failed', reason: 'invalid-policy', details: { message } },
      ...{ grid: '', units: [], trials: [], search: null, verdict: null },
    });
    const shown = await factory.cli.run('runs', 'show', run);
    expect(shown.stdout).toMatch(/^outcome +failed$/m);
    expect(shown.stdout).toContain(message);
    const listed = await factory.cli.run('runs', '--request', 'unsound');
    expect(listed.stdout).toMatch(/failed .*invalid-policy/);
  });

  it('says which source runs and requests wait for, since when and how many', async () => {
    const run = await factory.startRun('waits');
    const waits = new SourceWaits(factory.ledger);
    await waits.recordWork({ run, stage: 'data-prep', shard: '0' }, 'unreachable');
    await waits.recordRequest('cannot-be-taken', 'elsewhere', 'refused');
    const main = /^waiting: source main is unavailable since [-\d]{10} [:\d]{8} UTC, 1 run$/m;
    const elsewhere =
      /^waiting: source elsewhere refuses the account since .* UTC, 0 runs and 1 request that cannot be taken$/m;
    const listed = await factory.cli.run('runs', '--active');
    expect(listed.stdout).toMatch(main);
    expect(listed.stdout).toMatch(elsewhere);
    expect(listed.stdout).toMatch(/data-prep +waiting/);
    expect((await factory.cli.run('runs', '--source', 'elsewhere')).stdout).not.toMatch(main);
    expect((await factory.cli.run('runs', '--request', 'cannot-be-taken')).stdout).toMatch(
      /^request cannot-be-taken is waiting: source elsewhere refuses the account since/,
    );
    expect((await factory.cli.run('runs', 'show', run)).stdout).toMatch(
      /^waiting +source main is unavailable/m,
    );
    expect(await factory.cli.json('runs', 'show', run)).toMatchObject({
      outcome: null,
      waiting: { source: 'main', refused: false },
    });
    await factory.cli.json('cancel', run);
    await waits.forgetRequest('cannot-be-taken');
    expect((await factory.cli.run('runs', '--active')).stdout).not.toContain('waiting:');
  });

  it('filters runs, and refuses ids that match none or several', async () => {
    const listed = await factory.cli.json<RunSummary[]>('runs', '--request', 'shown');
    expect(listed.map((run) => run.run)).toEqual([runIdOf('shown', key)]);
    expect(await factory.cli.json('runs', '--source', 'elsewhere')).toEqual([]);
    expect(await factory.cli.run('runs', 'show', 'ffff')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(unknown-run)') as string,
    });
    expect(await factory.cli.run('runs', 'show', 'ff')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(invalid-run)') as string,
    });
  });

  it('resumes a cancelled run: its event is published again, and the audit says who did it', async () => {
    const run = await factory.startRun('resumed');
    const looked: string[] = [];
    const stop = listenToControl(factory.broker, (asked) => looked.push(asked));
    await factory.broker.flush();
    expect(await factory.cli.json('cancel', run, '--reason', 'wrong range')).toEqual([
      { run, result: 'cancelled' },
    ]);
    await until(() => looked.includes(run), { what: 'workers are asked to look' });
    stop();
    expect(await factory.cli.json('cancel', '--request', 'resumed')).toEqual([{ run, result: 'had-ended' }]);
    const last = async (subject: string) =>
      (await factory.stored(STREAMS.runs.name, { last_by_subj: subject })).body;
    expect(await last('factory.run.finished.main.7')).toMatchObject({
      run,
      outcome: 'cancelled',
      reason: 'wrong range',
    });
    await factory.cli.json('runs', 'resume', run.slice(0, 10), '--who', 'bob');
    expect(await last('factory.run.queued.main.7')).toMatchObject({ run });
    expect((await factory.cli.json<RunReport>('runs', 'show', run)).audit).toMatchObject([
      { action: 'cancel', who: 'ann', reason: 'wrong range' },
      { action: 'resume', who: 'bob' },
    ]);
    expect(await factory.cli.run('cancel')).toMatchObject({ code: 2 });
  });
});
