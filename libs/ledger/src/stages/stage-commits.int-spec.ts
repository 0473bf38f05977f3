import { BadInputError, RunSkippedError } from '@factory/domain';
import { SpecLedger, draft, result } from '../spec-ledger';
import { recordTrials, trialsOf } from '../trials/trials';
import { MAX_ATTEMPTS } from './claim-decision';

describe('commits of a stage', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  it('write output, event and the next unit of work together', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    const [event] = await ledger.commits.complete(claim, result(draft('data.prepared')), 12.5);
    expect(event).toMatchObject({
      run,
      event: 'data.prepared',
      generation: 0,
      messageId: `${run}/data.prepared/0/0`,
      body: { v: 1, run, source: 'main', goal: 'sale', shard: '0' },
    });
    expect(event?.subject).toMatch(/^factory\.data\.prepared\.main\.\d+$/);
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({
      status: 'done',
      output: '{"by":"spec"}',
      start_delay_ms: 12.5,
      lease_expires_at: null,
    });
    expect(await ledger.stage(run, 'sampling')).toMatchObject({ status: 'queued', attempt: 0, token: 0 });
    expect(await ledger.runs.find(run)).toMatchObject({ stage: 'sampling', outcome: null });
  });

  it('refuse an event that its consumers could not read, and write nothing', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    const wrong = {
      output: {},
      events: [{ event: 'data.prepared', shard: '0', body: { window: 3 } }],
    } as const;
    await expect(ledger.commits.complete(claim, wrong, 1)).rejects.toMatchObject({
      code: 'unreadable-event',
      retryable: false,
      message: expect.stringMatching(/window.*checks/),
    });
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'leased', output: null });
  });

  it('write additional rows together with the result, or not at all', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    const trial = {
      trial: 7,
      family: 'network',
      settings: {
        node1: 8,
        node2: 4,
        dropout1: 0.2,
        dropout2: 0.5,
        optimizer: 'adam',
        learningRate: 0.003,
        lrAnnealing: 0.1,
        batchSize: 256,
        epochs: 5,
      },
      status: 'done',
      epochsRun: 5,
      rateDrops: 0,
      trainLoss: 0.25,
      trainAccuracy: 0.9,
      validationLoss: Number.NaN,
      validationAccuracy: null,
      testLoss: 0.5,
      testAccuracy: 0.5,
      testPrecision: 0.5,
      testRecall: 0.5,
      naturalValidationLogLoss: 0.05,
      naturalTestLogLoss: 0.05,
      rocAuc: 0.75,
      prAuc: 0.25,
      parameters: 100,
      seconds: 1.5,
      rowsPerSecond: 1000,
      engine: 'cpu',
      error: null,
    } as const;
    await expect(
      ledger.commits.complete(
        claim,
        {
          output: {},
          record: async (sql, header) => {
            await recordTrials(sql, header, [trial]);
            throw new TypeError('in the middle');
          },
        },
        1,
      ),
    ).rejects.toThrow('in the middle');
    expect(await trialsOf(ledger.dataSource, run)).toEqual([]);

    await ledger.commits.complete(
      claim,
      {
        output: { first: 1 },
        record: async (sql, header) => {
          await recordTrials(sql, header, [trial]);
          await recordTrials(sql, header, [{ ...trial, status: 'diverged', epochsRun: 2 }]);
          return { events: [draft('data.prepared')], output: { second: 2 } };
        },
      },
      1,
    );
    expect(await trialsOf(ledger.dataSource, run)).toEqual([
      { ...trial, trainFrom: null, status: 'diverged', epochsRun: 2, validationLoss: null },
    ]);
    expect(await ledger.events(run)).toContain('data.prepared/0/0');
    expect(await ledger.runs.output(run, 'data-prep')).toEqual({ second: 2 });
  });

  it(`after ${MAX_ATTEMPTS} errors end the run as failed, and the message is dead`, async () => {
    const run = await ledger.startRun();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      const failure = await ledger.commits.fail(await ledger.claimed(run), new TypeError(`no. ${attempt}`));
      expect(failure).toEqual({ kind: 'retry', attempt });
      expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'queued', settled_at: null });
    }
    const last = await ledger.commits.fail(await ledger.claimed(run), new TypeError('the last'));
    expect(last).toMatchObject({ kind: 'ended', attempt: MAX_ATTEMPTS, dead: true });
    expect(await ledger.runs.find(run)).toMatchObject({
      outcome: 'failed',
      reason: 'unexpected',
      details: { message: 'the last' },
    });
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'failed', attempt: MAX_ATTEMPTS });
  });

  it('count errors and expiries together, and nothing starts a sixth time', async () => {
    const run = await ledger.startRun();
    await ledger.commits.fail(await ledger.claimed(run), new TypeError('one'));
    for (let expiry = 2; expiry <= MAX_ATTEMPTS; expiry++) await ledger.expire(await ledger.claimed(run));
    const answer = await ledger.claims.claim({ run, stage: 'data-prep', shard: '0' }, 'spec');
    if (answer.kind !== 'exhausted') throw new RangeError(`was ${answer.kind}`);
    expect(answer.claim.attempt).toBe(MAX_ATTEMPTS);
    expect(await ledger.commits.fail(answer.claim, new TypeError('used up'))).toMatchObject({
      kind: 'ended',
      attempt: MAX_ATTEMPTS,
      dead: true,
    });
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'failed', attempt: MAX_ATTEMPTS });
  });

  it('end the run immediately on a permanent error, without a dead letter', async () => {
    const run = await ledger.startRun();
    const bad = new BadInputError('constant-label', { field: 'goal', value: 'sale', todo: 'choose another' });
    const failure = await ledger.commits.fail(await ledger.claimed(run), bad);
    expect(failure).toMatchObject({ kind: 'ended', dead: false });
    expect(await ledger.runs.find(run)).toMatchObject({ outcome: 'failed', reason: 'constant-label' });
  });

  it('end the run as skipped, with the figures, if there is nothing to learn', async () => {
    const run = await ledger.startRun();
    const skipped = new RunSkippedError('too-few-sales', '12 sales of 500', { sales: 12 });
    const failure = await ledger.commits.fail(await ledger.claimed(run), skipped);
    expect(failure).toMatchObject({
      kind: 'ended',
      dead: false,
      events: [{ event: 'run.finished', body: { outcome: 'skipped', reason: 'too-few-sales' } }],
    });
    expect(await ledger.runs.find(run)).toMatchObject({
      outcome: 'skipped',
      details: { message: '12 sales of 500', sales: 12 },
    });
  });

  it('end a run exactly once, however many try at the same time', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    const end = (at: number) => ({ outcome: 'failed', reason: `ender ${at}` }) as const;
    const enders = Array.from({ length: 20 }, async (_, at) => {
      if (at % 4 === 0) return ledger.runs.cancel(run, { who: `w${at}`, reason: `ender ${at}` });
      if (at === 1) return ledger.commits.complete(claim, { ...result(), end: end(at) }, 1).catch(() => []);
      return ledger.commits.end(run, end(at));
    });
    const announced = (await Promise.all(enders)).filter((events) => events.length > 0);
    expect(announced).toHaveLength(1);
    expect(await ledger.events(run)).toEqual(['run.finished/0/0', 'run.queued/0/0']);
    const reports = await ledger.rows(
      `SELECT m.outcome, m.reason = r.reason AS same FROM attrib_propensity_model_run m
         JOIN factory_run r ON r.run_id = m.run_id WHERE m.run_id = ?`,
      [run],
    );
    expect(reports).toHaveLength(1);
    expect(Number(reports[0]?.['same'])).toBe(1);
  });

  it('write a report of the run when it ends', async () => {
    const run = await ledger.startRun();
    const window = { start: '2023-01-01', days: 35 };
    const claim = await ledger.claimed(run);
    await ledger.commits.complete(claim, { ...result(draft('data.prepared')), output: { window } }, 1);
    await ledger.did(run, 'sampling', {
      output: { counts: { f1: 1, f0: 0.25 }, dataset: { key: 'd' } },
      end: { outcome: 'skipped', reason: 'until-sampling' },
    });
    const [report] = await ledger.rows('SELECT * FROM attrib_propensity_model_run WHERE run_id = ?', [run]);
    expect(report).toMatchObject({
      outcome: 'skipped',
      reason: 'until-sampling',
      f1: 1,
      f0: 0.25,
      train_window: JSON.stringify(window),
      code_version: 'spec',
    });
    expect(JSON.parse(String(report?.['locations']))).toMatchObject({ dataset: { key: 'd' } });
    const timings = JSON.parse(String(report?.['timings'])) as { stage: string }[];
    expect(timings.map(({ stage }) => stage)).toEqual(['data-prep', 'sampling']);
    expect((report?.['finished_at'] as Date).getTime()).toBeGreaterThanOrEqual(
      (report?.['created_at'] as Date).getTime(),
    );
  });
});
