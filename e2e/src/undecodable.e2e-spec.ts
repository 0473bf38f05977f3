import { RETRAIN_SUBJECT, STREAMS, allConsumers, controlSubject, progressSubject } from '@factory/contracts';
import { publishRaw, rawBlock, startFactory, until, type Factory, type RawMessage } from '@factory/testing';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { allRuns, whenEnded } from './outcomes';

interface Letter {
  readonly sequence: number;
  readonly code: string;
  readonly attempts: number;
  readonly subject: string;
}

const RUN = '5b0f6c9e-6a55-4d8e-9a2e-0b6a3d0d3c11';

/** Headers and bodies that no service can read, for one subject. */
function undecodable(subject: string): RawMessage[] {
  const body =
    subject === RETRAIN_SUBJECT ? '{"productId":1}' : JSON.stringify({ v: 1, run: RUN, shard: '0' });
  const blocks = [
    rawBlock([['X Trace Id', '1']]),
    rawBlock([['Größe', '1']]),
    rawBlock(Array.from({ length: 100 }, (_, at) => [`name ${at}`, 'x'] as const)),
    rawBlock([[`${'x'.repeat(60_000)} `, '1']]),
    Buffer.from('no header at all\r\n\r\n'),
  ];
  const bodies = [
    '',
    '{',
    '[]',
    Buffer.from([0xff, 0x00]),
    '{"run":"constructor","shard":"__proto__"}',
    '['.repeat(50_000),
  ];
  return [
    ...blocks.map((block) => ({ subject, block, body })),
    ...bodies.map((one) => ({ subject, body: one })),
  ];
}

describe('messages that cannot be decoded', () => {
  let factory: Factory;
  let broker: NatsConnection;
  let manager: JetStreamManager;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:4000:0.1'] }],
      policy: { grid: 'quick', epochs: 2, minSales: 50 },
      env: { SWEEP_SECONDS: '1' },
    });
    broker = await connect({ servers: factory.env.NATS_URL });
    manager = await jetstreamManager(broker);
  }, 180_000);
  afterAll(async () => {
    await broker?.close();
    await factory?.dispose();
  }, 60_000);

  const letters = (): Promise<Letter[]> => factory.json<Letter[]>('dead', 'list', '--limit', '1000');
  const consumers = () =>
    Promise.all(allConsumers().map(({ stream, durable }) => manager.consumers.info(stream, durable)));

  it('are one dead letter each, at every consumer, delivered once; every process lives', async () => {
    const subjects = allConsumers().map(({ filterSubject }) => filterSubject.replace('>', 'main.1'));
    const messages = subjects.flatMap(undecodable);
    const watched = [controlSubject(RUN), progressSubject(RUN)].flatMap(undecodable);
    expect(await publishRaw(factory.env.NATS_URL ?? '', ...watched, ...messages)).toBe('');
    const dead = async () => (await manager.streams.info(STREAMS.dead.name)).state.last_seq;
    await until(async () => (await dead()) >= messages.length, {
      what: 'all are dead letters',
      timeoutMs: 60_000,
      everyMs: 250,
    });
    for (const info of await consumers())
      expect({
        name: info.name,
        left: [info.num_pending, info.num_ack_pending, info.num_redelivered],
      }).toEqual({
        name: info.name,
        left: [0, 0, 0],
      });
    expect(await dead()).toBe(messages.length);
    expect(factory.apps.filter((app) => !app.isRunning)).toEqual([]);
    expect(await allRuns(factory)).toEqual([]);
  }, 90_000);

  it('do not keep sound ones from being worked on, nor those who wait from seeing it', async () => {
    const noise = setInterval(
      () =>
        void publishRaw(
          factory.env.NATS_URL ?? '',
          ...[controlSubject(RUN), progressSubject(RUN)].flatMap(undecodable),
        ).catch(() => undefined),
      100,
    );
    try {
      const waited = await factory.cli('retrain', '--product', '1', '--wait', '--timeout', '120', '--json');
      expect(waited).toMatchObject({ code: 0 });
    } finally {
      clearInterval(noise);
    }
  }, 150_000);

  it('are replayed without what could not be read: the request has its run', async () => {
    const letter = (await letters()).find(
      ({ code, subject }) => code === 'unreadable-headers' && subject === RETRAIN_SUBJECT,
    );
    await factory.json('dead', 'replay', String(letter?.sequence), '--reason', 'the client was corrected');
    expect(await whenEnded(factory, 2)).toMatchObject([{ product: 1 }, { product: 1 }]);
    const again = await factory.cli('dead', 'replay', String(letter?.sequence));
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('already-replayed') as string });
  }, 150_000);

  it('work whose attempts are used up is opened again by a replay, and its run ends well', async () => {
    const sampling = factory.apps.find(({ name }) => name === 'sampling');
    await sampling?.stop();
    await factory.json('retrain', '--product', '1', '--request-id', 'used-up');
    const queued = await until(
      async () => {
        const [row] = await factory.rows<{ run: string }>(
          `SELECT s.run_id AS run FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
            WHERE r.request_key = 'used-up' AND s.stage = 'sampling' AND s.status = 'queued'`,
        );
        return row;
      },
      { what: 'sampling is queued', timeoutMs: 60_000, everyMs: 250 },
    );
    await factory.rows("UPDATE factory_stage SET attempt = 5 WHERE run_id = ? AND stage = 'sampling'", [
      queued.run,
    ]);
    await factory.start('sampling');
    const letter = await until(async () => (await letters()).find(({ attempts }) => attempts === 5), {
      what: 'it is a dead letter',
      timeoutMs: 60_000,
      everyMs: 500,
    });
    const outcome = async () => (await allRuns(factory)).find(({ run }) => run === queued.run)?.outcome;
    expect(await outcome()).toBe('failed');
    expect(await factory.json('dead', 'replay', String(letter.sequence), '--reason', 'mended')).toMatchObject(
      {
        run: queued.run,
        events: [{ event: 'data.prepared', shard: '0', generation: 1 }],
      },
    );
    await until(async () => (await outcome()) !== null, {
      what: 'the run has ended',
      timeoutMs: 120_000,
      everyMs: 500,
    });
    expect(['published', 'kept', 'rejected']).toContain(await outcome());
    expect(
      await factory.rows('SELECT action, reason FROM factory_audit WHERE subject = ? ORDER BY id', [
        queued.run,
      ]),
    ).toEqual([{ action: 'resume', reason: 'mended' }]);
    expect(factory.apps.filter((app) => !app.isRunning).map(({ name }) => name)).toEqual(['sampling']);
    factory.apps.splice(0, factory.apps.length, ...factory.apps.filter((app) => app.isRunning));
  }, 240_000);
});
