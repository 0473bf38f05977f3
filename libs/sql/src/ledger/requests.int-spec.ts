import { freshDatabase, type FreshDatabase } from '@factory/testing';
import { recordAudit, auditOf } from './audit';
import { resolveRunId } from './resolve-run-id';
import { standingsOf } from './run-standings';
import { SpecLedger, draft, request, result, runOf, trialRow } from './spec-ledger';
import { inTransaction } from './transaction';
import { recordTrials } from './trials';

describe('requests', () => {
  let database: FreshDatabase;
  let ledger: SpecLedger;
  let named = 0;

  beforeAll(async () => {
    database = await freshDatabase();
    ledger = await SpecLedger.open(database.url);
  });

  afterAll(async () => {
    await ledger.close();
    await database.dispose();
  });

  /** Products that no other test of this file has. */
  const products = (count: number): number[] => Array.from({ length: count }, () => ++named);

  it('start one run a product and ask for it', async () => {
    const [a, b] = products(2) as [number, number];
    const events = await ledger.requests.take(request('two', [b, a]));
    expect(events.map(({ messageId }) => messageId).sort()).toEqual(
      [`${runOf('two', a)}/run.queued/0/0`, `${runOf('two', b)}/run.queued/0/0`].sort(),
    );
    expect(await ledger.requests.answers('two')).toEqual(
      [a, b].map((product) => ({
        run: runOf('two', product),
        source: 'main',
        product,
        goal: 'sale',
        answer: 'started',
      })),
    );
    expect(await ledger.requests.answers('never sent')).toBeUndefined();
  });

  it('taken again start nothing, and hand out what nobody has published yet', async () => {
    const [a, b] = products(2) as [number, number];
    const [first, second] = await ledger.requests.take(request('again', [a, b]));
    if (!first || !second) throw new RangeError('two events were expected');
    await ledger.log.markPublished(first, { sequence: 1, streamCreated: 'now' });
    expect(await ledger.requests.take(request('again', [a, b]))).toEqual([second]);
    const [row] = await ledger.rows("SELECT COUNT(*) AS runs FROM factory_run WHERE request_key = 'again'");
    expect(Number(row?.['runs'])).toBe(2);
  });

  it('delivered to several at the same time start the same runs once', async () => {
    const many = products(5);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => ledger.requests.take(request('six', many))),
    );
    for (const events of answers)
      expect(events.map(({ run }) => run).sort()).toEqual(many.map((one) => runOf('six', one)).sort());
    expect(await ledger.requests.answers('six')).toHaveLength(5);
    const [row] = await ledger.rows("SELECT COUNT(*) AS runs FROM factory_run WHERE request_key = 'six'");
    expect(Number(row?.['runs'])).toBe(5);
  });

  it('for products in flight are answered by the runs in flight', async () => {
    const [busy, free] = products(2) as [number, number];
    await ledger.requests.take(request('first', [busy]));
    const events = await ledger.requests.take(request('second', [busy, free]));
    expect(events.map(({ run }) => run)).toEqual([runOf('second', free)]);
    expect(await ledger.requests.answers('second')).toMatchObject([
      { run: runOf('first', busy), answer: 'already-running' },
      { run: runOf('second', free), answer: 'started' },
    ]);
  });

  it('that overlap and come at the same time leave one run in flight a product', async () => {
    const many = products(40);
    const keys = Array.from({ length: 6 }, (_, at) => `overlap-${at}`);
    await Promise.all(
      keys.map((key, at) => ledger.requests.take(request(key, at % 2 ? many : [...many].reverse()))),
    );
    const rows = await ledger.rows(
      `SELECT product, COUNT(*) AS runs FROM factory_run WHERE request_key LIKE 'overlap-%' AND active = 1
        GROUP BY product`,
    );
    expect(rows.map((row) => Number(row['runs']))).toEqual(many.map(() => 1));
    for (const key of keys) expect(await ledger.requests.answers(key)).toHaveLength(40);
  });

  it('that are forced cancel the runs in flight, which their workers notice', async () => {
    const [product] = products(1) as [number];
    await ledger.requests.take(request('old', [product]));
    const claim = await ledger.claimed(runOf('old', product));
    const events = await ledger.requests.take(request('new', [product], { force: true }));
    expect(events.map(({ event, run }) => [event, run])).toEqual([
      ['run.finished', runOf('old', product)],
      ['run.queued', runOf('new', product)],
    ]);
    expect(await ledger.runs.find(claim.run)).toMatchObject({
      outcome: 'cancelled',
      reason: 'superseded by new',
    });
    expect(await ledger.claims.renew(claim)).toBe(false);
  });

  it('that are forced at the same time leave one run in flight, and none without an end', async () => {
    const many = products(10);
    const keys = Array.from({ length: 5 }, (_, at) => `forced-${at}`);
    await Promise.all(keys.map((key) => ledger.requests.take(request(key, many, { force: true }))));
    const [row] = await ledger.rows(
      `SELECT SUM(active = 1) AS active, SUM(active IS NULL AND outcome = 'cancelled') AS ended, COUNT(*) AS runs
         FROM factory_run WHERE request_key LIKE 'forced-%'`,
    );
    expect(Number(row?.['active'])).toBe(10);
    expect(Number(row?.['active']) + Number(row?.['ended'])).toBe(Number(row?.['runs']));
  });

  it('free the product for the next request when the run has ended', async () => {
    const [product] = products(1) as [number];
    await ledger.requests.take(request('done', [product]));
    await ledger.commits.end(runOf('done', product), { outcome: 'kept', reason: 'worse' });
    const [event] = await ledger.requests.take(request('next', [product]));
    expect(event?.run).toBe(runOf('next', product));
  });

  it('of 396 products take few statements', async () => {
    const many = products(396);
    const before = ledger.statements;
    const events = await ledger.requests.take(request('fleet', many));
    expect(events).toHaveLength(396);
    expect(ledger.statements - before).toBeLessThan(25);
  });

  it('can be watched in three statements, however many runs', async () => {
    const many = products(30);
    await ledger.requests.take(request('watched', many));
    const [first, second, third] = many.map((product) => runOf('watched', product)) as [
      string,
      string,
      string,
    ];
    await ledger.claimed(first);
    await ledger.did(second, 'data-prep', result(draft('data.prepared')));
    await ledger.commits.end(third, { outcome: 'failed', reason: 'broken', details: { message: 'why' } });
    const before = ledger.statements;
    const standings = await standingsOf(ledger.dataSource, 'watched');
    expect(ledger.statements - before).toBe(3);
    expect(standings).toHaveLength(30);
    expect(standings.find(({ run }) => run === first)).toMatchObject({
      stage: 'data-prep',
      working: true,
      trialsSettled: 0,
      trialsTotal: 4,
      best: null,
    });
    expect(standings.find(({ run }) => run === second)).toMatchObject({ stage: 'sampling', working: false });
    expect(standings.find(({ run }) => run === third)).toMatchObject({
      outcome: 'failed',
      details: { message: 'why' },
      working: false,
    });
  });

  it('say how many trials a random search will have, and the best of those that may win', async () => {
    const [product] = products(1) as [number];
    await ledger.requests.take(
      request('drawn', [product], { policy: { search: 'random', searchTrials: 3 } }),
    );
    const run = runOf('drawn', product);
    const header = { run, source: 'main', product, goal: 'sale' };
    await inTransaction(ledger.dataSource, (sql) =>
      recordTrials(sql, header, [trialRow(1, 'halted', 0.1), trialRow(2, 'done', 0.3)]),
    );
    expect(await standingsOf(ledger.dataSource, 'drawn')).toMatchObject([
      { trialsTotal: 3, trialsSettled: 2, best: 0.3 },
    ]);
  });

  it('make runs that are found by the first letters of their ids', async () => {
    const [product] = products(1) as [number];
    const run = runOf('lettered', product);
    await ledger.requests.take(request('lettered', [product]));
    expect(await resolveRunId(ledger.dataSource, run.slice(0, 13))).toBe(run);
    await expect(resolveRunId(ledger.dataSource, 'ab')).rejects.toMatchObject({ code: 'invalid-run' });
    await expect(resolveRunId(ledger.dataSource, 'ffff-ffff')).rejects.toMatchObject({ code: 'unknown-run' });
  });

  it('and what people do to runs stay on record', async () => {
    await inTransaction(ledger.dataSource, (sql) =>
      recordAudit(sql, 'resume', 'some-run', { who: 'ann', reason: 'fixed the source' }, { from: 1 }),
    );
    expect(await auditOf(ledger.dataSource, 'some-run')).toMatchObject([
      { who: 'ann', action: 'resume', reason: 'fixed the source', details: { from: 1 } },
    ]);
  });
});
