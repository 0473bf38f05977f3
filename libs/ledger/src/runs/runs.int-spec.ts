import { auditOf } from '../policies/audit';
import { SpecLedger, draft, request, result, runOf } from '../spec-ledger';
import { ClaimLostError } from '../stages/stage-commits';

const change = { who: 'ann', reason: 'asked for' };

describe('runs', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  it('are listed latest first, by source, product, goal, request or being in progress', async () => {
    await ledger.requests.take(request('listed', [1, 2]));
    await ledger.commits.end(runOf('listed', 1), { outcome: 'kept', reason: 'worse' });
    const ids = async (filter: Parameters<typeof ledger.runs.list>[0]): Promise<string[]> =>
      (await ledger.runs.list(filter)).map(({ run }) => run);
    expect(new Set(await ids({ requestKey: 'listed' }))).toEqual(
      new Set([runOf('listed', 1), runOf('listed', 2)]),
    );
    expect(await ids({ requestKey: 'listed', active: true })).toEqual([runOf('listed', 2)]);
    expect(await ids({ source: 'main', goal: 'sale', product: 1 })).toEqual([runOf('listed', 1)]);
    expect(await ids({ source: 'elsewhere' })).toEqual([]);
    await ledger.change(
      'UPDATE factory_run SET created_at = created_at + INTERVAL 1 MINUTE WHERE run_id = ?',
      [runOf('listed', 2)],
    );
    expect(await ids({ limit: 1 })).toEqual([runOf('listed', 2)]);
  });

  it('show what happened at each stage', async () => {
    const run = await ledger.startRun();
    await ledger.did(run, 'data-prep', result(draft('data.prepared')));
    await ledger.commits.fail(await ledger.claimed(run, 'sampling'), new TypeError('no luck'));
    expect(await ledger.runs.stages(run)).toMatchObject([
      {
        stage: 'data-prep',
        status: 'done',
        attempt: 0,
        output: { by: 'spec' },
        error: null,
        startDelayMs: 1,
      },
      { stage: 'sampling', status: 'queued', attempt: 1, error: { code: 'unexpected', message: 'no luck' } },
    ]);
    await expect(ledger.runs.find('no-such-run')).rejects.toMatchObject({ code: 'unknown-run' });
    expect(await ledger.runs.output(run, 'sampling')).toBeUndefined();
  });

  it('are cancelled once, and who did it and why is recorded', async () => {
    const run = await ledger.startRun();
    expect(await ledger.runs.cancel(run, change)).toMatchObject([
      { event: 'run.finished', body: { outcome: 'cancelled', reason: 'asked for' } },
    ]);
    expect(await ledger.runs.cancel(run, change)).toEqual([]);
    expect(await auditOf(ledger.dataSource, run)).toMatchObject([{ action: 'cancel', ...change }]);
  });

  it('that were cancelled resume from what was not done, with fresh attempts and new message ids', async () => {
    const run = await ledger.startRun();
    await ledger.did(run, 'data-prep', result(draft('data.prepared')));
    await ledger.commits.fail(await ledger.claimed(run, 'sampling'), new TypeError('once'));
    const zombie = await ledger.claimed(run, 'sampling');
    await ledger.runs.cancel(run, change);
    const events = await ledger.runs.resume(run, change);
    expect(events.map(({ messageId }) => messageId)).toEqual([`${run}/data.prepared/0/1`]);
    expect(await ledger.runs.find(run)).toMatchObject({ outcome: null, reason: null, finishedAt: null });
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'done' });
    await expect(ledger.commits.complete(zombie, result(), 1)).rejects.toThrow(ClaimLostError);
    expect(await ledger.claimed(run, 'sampling')).toMatchObject({ attempt: 0, token: 3 });
    await ledger.commits.end(run, { outcome: 'kept', reason: 'worse' });
    expect(await ledger.events(run)).toEqual([
      'data.prepared/0/1',
      'run.finished/0/0',
      'run.finished/1/0',
      'run.queued/0/0',
    ]);
  });

  it('resume only if they failed or were cancelled, and no other is in progress for the product', async () => {
    const [a] = [71];
    await ledger.requests.take(request('first', [a]));
    const run = runOf('first', a);
    await expect(ledger.runs.resume(run, change)).rejects.toMatchObject({ code: 'run-not-resumable' });
    await ledger.commits.end(run, { outcome: 'failed', reason: 'broken' });
    await ledger.requests.take(request('second', [a]));
    await expect(ledger.runs.resume(run, change)).rejects.toMatchObject({ code: 'already-running' });
    await ledger.commits.end(runOf('second', a), { outcome: 'published', reason: 'better' });
    await expect(ledger.runs.resume(runOf('second', a), change)).rejects.toMatchObject({
      code: 'run-not-resumable',
    });
    expect(await ledger.runs.resume(run, change)).toHaveLength(1);
  });

  it('do not resume without open work', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.commits.complete(claim, { output: {}, end: { outcome: 'failed', reason: 'none' } }, 1);
    await expect(ledger.runs.resume(run, change)).rejects.toMatchObject({ code: 'run-not-resumable' });
    expect(await ledger.runs.find(run)).toMatchObject({ outcome: 'failed' });
  });

  it('resumed while another request arrives leave one run in progress', async () => {
    for (let product = 200; product < 212; product++) {
      const [old, next] = [`old-${product}`, `next-${product}`];
      await ledger.requests.take(request(old, [product]));
      const run = runOf(old, product);
      await ledger.commits.end(run, { outcome: 'failed', reason: 'broken' });
      const [resumed] = await Promise.all([
        ledger.runs.resume(run, change).catch((error: { code: string }) => error.code),
        ledger.requests.take(request(next, [product])),
      ]);
      const inFlight = await ledger.runs.list({ product, active: true });
      expect(inFlight.map((one) => one.run)).toEqual([
        resumed === 'already-running' ? runOf(next, product) : run,
      ]);
      expect(await ledger.requests.answers(next)).toMatchObject([{ run: inFlight[0]?.run }]);
    }
  });
});
