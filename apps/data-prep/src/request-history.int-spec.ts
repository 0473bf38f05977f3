import { connectBroker } from '@factory/messaging';
import { freshSuffix, testServers } from '@factory/testing';
import { AckPolicy, jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { RequestHistory } from './request-history';

const KEPT = 10;

describe('the history of requests', () => {
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let stream: string;

  beforeAll(async () => {
    connection = await connectBroker({ url: testServers().natsUrl, name: 'spec' });
    manager = await jetstreamManager(connection);
  });
  beforeEach(async () => {
    stream = `HISTORY_${freshSuffix()}`;
    await manager.streams.add({
      name: stream,
      subjects: [`${stream}.*`],
      max_msgs_per_subject: 50,
      max_bytes: 100_000,
    });
    await manager.consumers.add(stream, {
      durable_name: 'c',
      ack_policy: AckPolicy.Explicit,
      filter_subject: `${stream}.a`,
    });
  });
  afterEach(() => manager.streams.delete(stream));
  afterAll(() => connection.close());

  const trim = () => new RequestHistory(connection, stream, KEPT).trim();
  const publish = async (count: number, bytes = 10): Promise<void> => {
    for (let at = 0; at < count; at++)
      await jetstream(connection).publish(`${stream}.a`, new Uint8Array(bytes));
  };
  const take = async (count: number): Promise<void> => {
    const consumer = await jetstream(connection).consumers.get(stream, 'c');
    for await (const message of await consumer.fetch({ max_messages: count, expires: 2_000 }))
      await message.ackAck();
  };
  const stored = async () => (await manager.streams.info(stream)).state;

  it('loses what was taken, except for the latest, and nothing that waits', async () => {
    await publish(40);
    await take(25);
    expect(await trim()).toEqual({ removed: 15, nearlyFull: undefined });
    expect(await stored()).toMatchObject({ first_seq: 16, messages: 25 });
    expect(await trim()).toEqual({ removed: 0, nearlyFull: undefined });
    await take(15);
    expect(await trim()).toEqual({ removed: 15, nearlyFull: undefined });
  });

  it('keeps everything that waits, and says when it is nearly full', async () => {
    await publish(45);
    expect(await trim()).toEqual({ removed: 0, nearlyFull: 90 });
  });

  it('keeps few where they are large, for they must not take the room of what waits', async () => {
    await manager.streams.update(stream, { max_msgs_per_subject: 500 });
    await publish(150, 400);
    await take(150);
    const large = new RequestHistory(connection, stream, 1_000);
    expect(await large.trim()).toEqual({ removed: 50, nearlyFull: undefined });
  });

  it('does nothing before the stream or its consumer exists', async () => {
    expect(await new RequestHistory(connection, 'NONE_OF_OURS').trim()).toEqual({
      removed: 0,
      nearlyFull: undefined,
    });
  });
});
