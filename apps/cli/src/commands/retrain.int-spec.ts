import { RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { StageCommits } from '@factory/ledger';
import { DeadLetters } from '@factory/messaging';
import { until } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { InterruptedError } from '../program/exit-codes';
import { specCli } from '../spec-kit/spec-cli';
import { SpecFactory } from '../spec-kit/spec-factory';

describe('factory retrain', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  const lastRequest = () => factory.stored(STREAMS.requests.name, { last_by_subj: RETRAIN_SUBJECT });

  it('puts the JSON that any client could send on the requests stream, once for one id', async () => {
    const args = 'retrain --product 7 --grid quick --end 2023-03-31 --reason spec --request-id once-1'.split(
      ' ',
    );
    const first = await factory.cli.json<{
      published: { sequence: number; stream: string; duplicate: boolean };
    }>(...args);
    const second = await factory.cli.json<typeof first>(...args);
    expect(first.published).toMatchObject({ stream: 'FACTORY_REQUESTS', duplicate: false });
    expect(second.published).toEqual({ ...first.published, duplicate: true });
    const stored = await factory.stored(STREAMS.requests.name, { seq: first.published.sequence });
    expect(stored.subject).toBe(RETRAIN_SUBJECT);
    expect(stored.body).toEqual({
      v: 1,
      productId: 7,
      grid: 'quick',
      endDate: '2023-03-31',
      reason: 'spec',
      requestId: 'once-1',
      requestedBy: 'ann',
    });
  });

  it.each([
    [['--product', '99'], 'unknown-product'],
    [['--source', 'elsewhere'], 'unknown-source'],
    [['--goal', 'nothing'], 'unknown-goal'],
    [['--grid', 'huge'], 'unknown-grid'],
    [['--product', '-1'], 'invalid-product'],
    [['--start', '2023-02-01', '--end', '2023-01-01'], 'end-before-start'],
    [['--window', 'ALL'], 'invalid-window'],
    [['--timeout', '5'], 'timeout-without-wait'],
  ])('refuses %p before anything is published', async (args, expected) => {
    const manager = await jetstreamManager(factory.broker);
    const before = (await manager.streams.info(STREAMS.requests.name)).state.messages;
    const { code, stdout, stderr } = await factory.cli.run('retrain', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`(${expected})`);
    expect((await manager.streams.info(STREAMS.requests.name)).state.messages).toBe(before);
  });

  it('says that the broker is unavailable, by exit code too', async () => {
    const { code, stderr } = await factory.cliWith({ NATS_URL: 'nats://127.0.0.1:1' }).run('retrain');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining('(broker-away)') as string,
    });
  });

  it('waits until the runs have ended, and fails if one failed', async () => {
    const waiting = factory.cli.run(
      'retrain',
      '--product',
      '7',
      '--request-id',
      'wait-1',
      '--wait',
      '--json',
    );
    const run = await factory.startRun('wait-1');
    await factory.end(run, 'failed', 'no-data');
    const { code, stdout, stderr } = await waiting;
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      requestId: 'wait-1',
      runs: [{ run, outcome: 'failed', reason: 'no-data' }],
    });
    expect(stderr).toContain(`main/sale/7 ${run.slice(0, 8)}  failed  (no-data)`);
  }, 30_000);

  it('ends with a separate exit code when every run was skipped, and says what to change', async () => {
    const waiting = factory.cli.run(...'retrain --product 7 --request-id wait-6 --wait'.split(' '));
    const run = await factory.startRun('wait-6');
    const message = 'main/sale/7 has 3 visits: `factory policy set 7 minSales=3`';
    await new StageCommits(factory.ledger, 'spec').end(run, {
      outcome: 'skipped',
      reason: 'too-few-sales',
      details: { message },
    });
    const { code, stderr } = await waiting;
    expect(code).toBe(6);
    expect(stderr).toContain(`error (runs-skipped): it was skipped: too-few-sales: ${message}`);
  }, 30_000);

  it('says which window was trained on, out of which range, and how to widen it', async () => {
    const waiting = factory.cli.run(...'retrain --product 7 --request-id wait-7 --wait'.split(' '));
    const run = await factory.startRun('wait-7');
    const window = {
      start: '2024-01-02T00:00:00.000Z',
      trainEnd: '2024-05-14T00:00:00.000Z',
      end: '2024-05-21T00:00:00.000Z',
      days: 133,
      sales: 10_204,
      rangeStart: '2022-03-14T00:00:00.000Z',
      reason: 'volume',
      passed: { days: 30, sales: 10_000 },
    };
    const checks = { key: 'runs/c', sha256: 'a'.repeat(64), bytes: 1 };
    await factory.did(run, 'data-prep', {
      output: { window, candidates: [], checks },
      events: [{ event: 'data.prepared', shard: '0', body: { window, checks } }],
    });
    await factory.end(run, 'kept', 'inconclusive');
    const { code, stdout } = await waiting;
    expect(code).toBe(0);
    expect(stdout).toContain('2024-01-02 to 2024-05-13, 133 of 792 days');
    expect(stdout).toContain('`factory policy set 7 --source main --goal sale window=all`');
    const again = await factory.cli.json<{ runs: object[] }>(
      ...'retrain --product 7 --request-id wait-7 --wait'.split(' '),
    );
    expect(again.runs).toMatchObject([{ run, window }]);
    expect((await factory.cli.run('runs', 'show', run)).stdout).toContain('factory retrain --window all');
  }, 30_000);

  it('stops waiting after --timeout, while the runs go on', async () => {
    const waiting = factory.cli.run(
      ...'retrain --product 7 --request-id wait-2 --wait --timeout 1'.split(' '),
    );
    await factory.startRun('wait-2');
    expect(await waiting).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('factory runs --request wait-2') as string,
    });
  });

  it('does not touch the runs when the waiting person interrupts the command', async () => {
    const abort = new AbortController();
    const waiting = specCli(factory.env, abort.signal).run('retrain', '--request-id', 'wait-4', '--wait');
    await until(async () => (await lastRequest()).text.includes('wait-4'), { what: 'the request is stored' });
    const run = await factory.startRun('wait-4');
    abort.abort(new InterruptedError());
    expect(await waiting).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('the runs continue: `factory runs --request wait-4`') as string,
    });
    expect(await factory.cli.json('runs', '--active')).toMatchObject([{ run }]);
  });

  it('reports what data-prep refused, from the dead letter', async () => {
    const waiting = factory.cli.run(
      ...'retrain --product 7 --request-id wait-3 --wait --timeout 30'.split(' '),
    );
    const request = await until(
      async () => {
        const { message, text } = await lastRequest();
        return text.includes('wait-3') && message;
      },
      { what: 'the request is stored' },
    );
    await new DeadLetters(factory.broker).keep({
      subject: RETRAIN_SUBJECT,
      data: request.data,
      headers: {},
      stream: STREAMS.requests.name,
      streamSequence: request.seq,
      storedAt: request.time,
      code: 'inactive-product',
      reason: 'productId = 7: activate the product',
      attempts: 1,
    });
    expect(await waiting).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('activate the product') as string,
    });
  }, 30_000);
});
