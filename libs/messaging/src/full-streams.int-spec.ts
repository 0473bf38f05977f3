import { RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { restartableServer, type RestartableServer } from '@factory/testing';
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectBroker } from './broker-connection';
import { JetStreamPublisher } from './event-publisher';
import { factoryPlan, provision, type StreamBounds } from './provision';

const { requests } = STREAMS;

describe('streams that strangers fill', () => {
  let broker: RestartableServer;
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let publisher: JetStreamPublisher;
  let id = 0;

  const setUp = (bounds: StreamBounds = {}) => provision(connection, factoryPlan(['default'], 1, bounds));
  const publish = (body: unknown, subject: string = RETRAIN_SUBJECT) =>
    publisher.publish(subject, body, { stream: requests.name, messageId: `m${++id}` });
  const stored = async () => (await manager.streams.info(requests.name)).state.messages;
  const firstOf = async () => (await manager.streams.getMessage(requests.name, { seq: 1 }))?.json();

  beforeAll(async () => {
    broker = await restartableServer('broker');
    connection = await connectBroker({ url: broker.env['NATS_URL'] ?? '', name: 'spec' });
    manager = await jetstreamManager(connection);
    publisher = new JetStreamPublisher(connection);
  }, 60_000);
  beforeEach(async () => {
    for (const { name } of Object.values(STREAMS)) await manager.streams.delete(name).catch(() => undefined);
  });
  afterAll(async () => {
    await connection?.close();
    await broker?.dispose();
  }, 60_000);

  it('junk does not push out a request that waits: the junk is refused, and its publisher is told', async () => {
    await setUp({ requests: { maxMessagesPerSubject: 200 } });
    await publish({ productId: 7 });
    for (let at = 1; at < 200; at++) connection.publish(RETRAIN_SUBJECT, 'junk');
    await connection.flush();
    await expect(publish({ productId: 8 })).rejects.toMatchObject({
      code: 'broker-full',
      server: 'broker',
      why: 'full',
      retryable: true,
      message: expect.stringMatching(/maximum messages per subject.*is data-prep running/) as string,
    });
    for (let at = 0; at < 200; at++) connection.publish(RETRAIN_SUBJECT, 'junk');
    await connection.flush();
    expect(await stored()).toBe(200);
    expect(await firstOf()).toEqual({ productId: 7 });
    // Another subject of the stream has room of its own.
    await expect(publish({}, requests.subjects[1])).resolves.toMatchObject({ duplicate: false });
    await manager.streams.purge(requests.name, { filter: RETRAIN_SUBJECT, keep: 10 });
    await expect(publish({ productId: 8 })).resolves.toMatchObject({ duplicate: false });
  });

  it('takes no message that is larger than a request can be', async () => {
    await setUp();
    await publish({ reason: 'x'.repeat(60_000) });
    await expect(publish({ reason: 'x'.repeat(70_000) })).rejects.toThrow(/message size exceeds maximum/);
    expect(await stored()).toBe(1);
  });

  it('large junk is refused as well, and takes no more than its stream may hold', async () => {
    await setUp({ requests: { maxMib: 1 } });
    await publish({ productId: 7 });
    const fill = async () => {
      for (let at = 0; at < 40; at++) await publish({ reason: 'x'.repeat(60_000) });
    };
    await expect(fill()).rejects.toMatchObject({ code: 'broker-full' });
    expect((await manager.streams.info(requests.name)).state.bytes).toBeLessThan(1_048_576);
    expect(await firstOf()).toEqual({ productId: 7 });
  });

  it('a request that a schedule makes while the stream is full comes when there is room', async () => {
    await setUp({ requests: { maxMessagesPerSubject: 5 } });
    for (let at = 0; at < 5; at++) await publish({ productId: at });
    await publisher.publish(
      STREAMS.requests.takesFrom.subject,
      { productId: 99 },
      { stream: STREAMS.schedules.name, messageId: 'scheduled' },
    );
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await stored()).toBe(5);
    await manager.streams.purge(requests.name, { keep: 1 });
    const last = async () =>
      (await manager.streams.getMessage(requests.name, { last_by_subj: RETRAIN_SUBJECT }))?.json();
    for (let at = 0; at < 200 && (await stored()) < 2; at++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await last()).toEqual({ productId: 99 });
  }, 40_000);

  it('a stream of an earlier release gets its bounds where it is, with what waits in it', async () => {
    await manager.streams.add({
      name: requests.name,
      subjects: [...requests.subjects],
      max_msgs_per_subject: 10_000,
      duplicate_window: 7_200_000_000_000,
    });
    await publish({ productId: 7 });
    const [first] = await setUp();
    expect(first).toMatchObject({
      name: requests.name,
      result: 'changed',
      bounds: '256 MiB, 20000 messages a subject, 64 KiB a message, full: refuses new ones',
    });
    expect(await firstOf()).toEqual({ productId: 7 });
    const { config } = await manager.streams.info(requests.name);
    expect(config).toMatchObject({
      discard: 'new',
      discard_new_per_subject: true,
      max_bytes: 268_435_456,
      max_msg_size: 65_536,
    });
    expect((await setUp()).map(({ result }) => result)).not.toContain('changed');
  });

  it('says which settings to lower where the broker has no room for a stream', async () => {
    await expect(setUp({ runs: { maxMib: 1_000_000 } })).rejects.toMatchObject({
      code: 'no-room-for-stream',
      message: expect.stringMatching(/STREAM_EVENTS_MIB/) as string,
    });
  });
});
