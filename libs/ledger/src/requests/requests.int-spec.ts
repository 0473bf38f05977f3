import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { inTransaction } from '../database/transaction';
import { recordAudit, auditOf } from '../policies/audit';
import { resolveRunId } from '../runs/resolve-run-id';
import { standingsOf } from '../runs/run-standings';
import { SpecLedger, draft, request, result, runOf, trialRow } from '../spec-ledger';
import { recordTrials } from '../trials/trials';
import { Requests } from './requests';

describe('requests', () => {
  let ledger: SpecLedger;
  let named = 0;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  /** Products that no other test of this file uses. */
  const products = (count: number): number[] => Array.from({ length: count }, () => ++named);

  it('start one run per product and queue it', async () => {
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

  it('processed again start nothing, and return the events that are not yet published', async () => {
    const [a, b] = products(2) as [number, number];
    const [first, second] = await ledger.requests.take(request('again', [a, b]));
    if (!first || !second) throw new RangeError('two events were expected');
    await ledger.log.markPublished(first, { sequence: 1, streamCreated: 'now' });
    expect(await ledger.requests.take(request('again', [a, b]))).toEqual([second]);
    const [row] = await ledger.rows("SELECT COUNT(*) AS runs FROM factory_run WHERE request_key = 'again'");
    expect(Number(row?.['runs'])).toBe(2);
  });

  it('delivered to several workers at the same time start the same runs once', async () => {
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

  it('for products with runs in progress are answered by these runs', async () => {
    const [busy, free] = products(2) as [number, number];
    await ledger.requests.take(request('first', [busy]));
    const events = await ledger.requests.take(request('second', [busy, free]));
    expect(events.map(({ run }) => run)).toEqual([runOf('second', free)]);
    expect(await ledger.requests.answers('second')).toMatchObject([
      { run: runOf('first', busy), answer: 'already-running' },
      { run: runOf('second', free), answer: 'started' },
    ]);
  });

  it('that overlap at the same time leave one run in progress per product', async () => {
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

  it('that are forced cancel the runs in progress, which their workers notice', async () => {
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

  it('that are forced at the same time leave one run in progress, and all others ended', async () => {
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

  it('with overruled checks give them to their runs, whose audit says who did so and why', async () => {
    const [product, busy] = products(2) as [number, number];
    const overrules = [
      { check: 'rows-low', reason: 'closed', by: 'ann' },
      { check: 'shift', column: 'age', reason: 'a new form', by: 'ann' },
    ];
    const asked = (key: string, ...of: number[]) => {
      const plain = request(key, of);
      return { ...plain, runs: plain.runs.map((plan) => ({ ...plan, overrules })) };
    };
    await ledger.requests.take(request('not overruled', [busy]));
    await ledger.requests.take(asked('overruled', product, busy));
    await ledger.requests.take(asked('overruled', product, busy));
    const run = runOf('overruled', product);
    expect(await ledger.runs.find(run)).toMatchObject({ overrules });
    expect((await ledger.claimed(run)).overrules).toEqual(overrules);
    expect(await auditOf(ledger.dataSource, run)).toMatchObject([
      { who: 'ann', action: 'overrule', reason: 'closed', details: { check: 'rows-low' } },
      { action: 'overrule', reason: 'a new form', details: { check: 'shift', column: 'age' } },
    ]);
    // The run that answers for the other product was not asked to.
    const other = runOf('not overruled', busy);
    expect(await ledger.runs.find(other)).toMatchObject({ overrules: [] });
    expect(await auditOf(ledger.dataSource, other)).toEqual([]);
    await ledger.change('UPDATE factory_run SET overrules = ? WHERE run_id = ?', ['{"check":', run]);
    expect(await ledger.runs.find(run)).toMatchObject({ overrules: [] });
  });

  it('free the product for the next request when the run has ended', async () => {
    const [product] = products(1) as [number];
    await ledger.requests.take(request('done', [product]));
    await ledger.commits.end(runOf('done', product), { outcome: 'kept', reason: 'worse' });
    const [event] = await ledger.requests.take(request('next', [product]));
    expect(event?.run).toBe(runOf('next', product));
  });

  describe('for products whose runs cannot start', () => {
    const end = { outcome: 'failed', reason: 'invalid-policy', details: { message: 'why' } } as const;
    const refused = (...unsound: number[]) => ({
      refused: unsound.map((product) => ({ source: 'main', product, goal: 'sale', grid: '', end })),
    });

    it('record an ended run for each, and start the others', async () => {
      const [sound, unsound] = products(2) as [number, number];
      const events = await ledger.requests.take(request('partly', [sound], refused(unsound)));
      expect(events.map(({ messageId }) => messageId).sort()).toEqual(
        [`${runOf('partly', sound)}/run.queued/0/0`, `${runOf('partly', unsound)}/run.finished/0/0`].sort(),
      );
      expect(events.find(({ event }) => event === 'run.finished')?.body).toMatchObject({
        product: unsound,
        outcome: 'failed',
        reason: 'invalid-policy',
      });
      const run = runOf('partly', unsound);
      expect(await ledger.runs.find(run)).toMatchObject({
        ...{ requestKey: 'partly', outcome: 'failed', reason: 'invalid-policy', details: { message: 'why' } },
        ...{ stage: 'data-prep', grid: '', policy: {}, finishedAt: expect.any(Date) as Date },
      });
      expect(await ledger.runs.stages(run)).toEqual([]);
      expect(
        await ledger.rows('SELECT outcome FROM attrib_propensity_model_run WHERE run_id = ?', [run]),
      ).toEqual([{ outcome: 'failed' }]);
      expect(await ledger.requests.answers('partly')).toMatchObject([
        { product: sound, answer: 'started' },
        { product: unsound, answer: 'started' },
      ]);
      expect(await standingsOf(ledger.dataSource, 'partly')).toMatchObject([
        { product: sound, outcome: null, trialsTotal: 4 },
        { product: unsound, outcome: 'failed', reason: 'invalid-policy', working: false, trialsTotal: null },
      ]);
    });

    it('may start no run', async () => {
      const [unsound] = products(1) as [number];
      expect(await ledger.requests.take(request('none', [], refused(unsound)))).toHaveLength(1);
      const [next] = await ledger.requests.take(request('after none', [unsound]));
      expect(next?.run).toBe(runOf('after none', unsound));
    });

    it('are answered by their runs in progress, which go on even if the request is forced', async () => {
      const [busy] = products(1) as [number];
      await ledger.requests.take(request('sound yet', [busy]));
      expect(await ledger.requests.take(request('unsound now', [], refused(busy)))).toEqual([]);
      expect(await ledger.requests.answers('unsound now')).toMatchObject([
        { run: runOf('sound yet', busy), answer: 'already-running' },
      ]);
      const [event] = await ledger.requests.take(
        request('forced now', [], { ...refused(busy), force: true }),
      );
      expect(event).toMatchObject({ event: 'run.finished', run: runOf('forced now', busy) });
      expect(await ledger.runs.find(runOf('sound yet', busy))).toMatchObject({ outcome: null });
    });

    it('cannot be resumed: a new request reads the policy again', async () => {
      const [unsound] = products(1) as [number];
      await ledger.requests.take(request('no way on', [], refused(unsound)));
      await expect(
        ledger.runs.resume(runOf('no way on', unsound), { who: 'ann', reason: 'spec' }),
      ).rejects.toMatchObject({ code: 'run-not-resumable' });
    });

    it('processed again return the ends that are not yet published', async () => {
      const [sound, ...unsound] = products(3) as [number, number, number];
      const [first, ...others] = await ledger.requests.take(request('ends', [sound], refused(...unsound)));
      await ledger.log.markPublished(first!, { sequence: 1, streamCreated: 'now' });
      const again = await ledger.requests.take(request('ends', [sound], refused(...unsound)));
      const names = (events: readonly { messageId: string }[]) =>
        events.map(({ messageId }) => messageId).sort();
      expect(names(again)).toEqual(names(others));
      expect(await ledger.requests.answers('ends')).toHaveLength(3);
    });

    it('delivered to several workers at the same time record the same runs once', async () => {
      const [sound, ...unsound] = products(4) as [number, number, number, number];
      await Promise.all(
        Array.from({ length: 6 }, () =>
          ledger.requests.take(request('six unsound', [sound], refused(...unsound))),
        ),
      );
      const rows = await ledger.rows(
        "SELECT product, outcome FROM factory_run WHERE request_key = 'six unsound' ORDER BY product",
      );
      expect(rows.map((row) => row['outcome'])).toEqual([null, 'failed', 'failed', 'failed']);
    });

    it('are recorded completely or not at all, whichever statement the process dies at', async () => {
      const [sound, busy, ...unsound] = products(4) as [number, number, number, number];
      await ledger.requests.take(request('before', [busy]));
      const dying = request('dying', [sound, busy], { ...refused(...unsound), force: true });
      const trace = () =>
        ledger.rows(
          `SELECT (SELECT COUNT(*) FROM factory_request_run WHERE request_key = 'dying')
                + (SELECT COUNT(*) FROM factory_run WHERE request_key = 'dying' OR outcome = 'cancelled'
                     AND request_key = 'before') AS found`,
        );
      let statement = 1;
      for (; ; statement++) {
        const taken = await diesAt(statement)
          .take(dying)
          .catch(() => undefined);
        if (taken) break;
        expect({ statement, answers: await ledger.requests.answers('dying') }).toEqual({ statement });
        expect(Number((await trace())[0]?.['found'])).toBe(0);
      }
      expect(statement).toBeGreaterThan(15);
      expect(await standingsOf(ledger.dataSource, 'dying')).toMatchObject([
        { product: sound, outcome: null },
        { product: busy, outcome: null },
        { product: unsound[0], outcome: 'failed' },
        { product: unsound[1], outcome: 'failed' },
      ]);
      for (const product of unsound)
        expect(await ledger.events(runOf('dying', product))).toEqual(['run.finished/0/0']);
    });

    /** Requests whose process dies before the n-th statement of a transaction. */
    function diesAt(statement: number): Requests {
      let sent = 0;
      const transaction: DataSource['transaction'] = (...given: unknown[]) => {
        const work = given.at(-1) as (manager: EntityManager) => Promise<unknown>;
        const counted = () => {
          if (++sent === statement) throw new RangeError('died');
        };
        return ledger.dataSource.transaction('READ COMMITTED', ({ queryRunner }) => {
          const runner = Object.create(queryRunner as QueryRunner) as QueryRunner;
          runner.query = (...statement: Parameters<QueryRunner['query']>) => {
            counted();
            return (queryRunner as QueryRunner).query(...statement);
          };
          runner.connect = () => {
            counted();
            return (queryRunner as QueryRunner).connect();
          };
          return work({ queryRunner: runner } as EntityManager);
        }) as never;
      };
      return new Requests(
        Object.assign(Object.create(ledger.dataSource) as DataSource, { transaction }),
        'spec',
      );
    }
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

  it('report how many trials a random search will have, and the best of those that may win', async () => {
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
    await ledger.change('UPDATE factory_run SET policy = \'{"search":"hyperband"}\' WHERE run_id = ?', [run]);
    expect(await standingsOf(ledger.dataSource, 'drawn')).toMatchObject([{ trialsTotal: null }]);
  });

  it('start runs that are found by the first letters of their ids', async () => {
    const [product] = products(1) as [number];
    const run = runOf('lettered', product);
    await ledger.requests.take(request('lettered', [product]));
    expect(await resolveRunId(ledger.dataSource, run.slice(0, 13))).toBe(run);
    await expect(resolveRunId(ledger.dataSource, 'ab')).rejects.toMatchObject({ code: 'invalid-run' });
    await expect(resolveRunId(ledger.dataSource, 'ffff-ffff')).rejects.toMatchObject({ code: 'unknown-run' });
  });

  it('and what people do to runs are recorded', async () => {
    await inTransaction(ledger.dataSource, (sql) =>
      recordAudit(sql, 'resume', 'some-run', { who: 'ann', reason: 'fixed the source' }, { from: 1 }),
    );
    expect(await auditOf(ledger.dataSource, 'some-run')).toMatchObject([
      { who: 'ann', action: 'resume', reason: 'fixed the source', details: { from: 1 } },
    ]);
  });
});
