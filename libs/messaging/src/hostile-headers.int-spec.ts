import { RETRAIN_SUBJECT, SCHEDULED_RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { freshSuffix, testServers, until } from '@factory/testing';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import { connectBroker } from './broker-connection';
import { factoryPlan, provision, type ProvisionPlan } from './provision';
import type { StreamDefinition } from './provision-stream';

jest.setTimeout(60_000);

let connection: NatsConnection;
let manager: JetStreamManager;
let broker: JetStreamClient;
let id: string;
let plan: ProvisionPlan;

beforeAll(async () => {
  connection = await connectBroker({ url: testServers().natsUrl, name: 'hostile headers spec' });
  manager = await jetstreamManager(connection);
  broker = jetstream(connection);
});
beforeEach(() => {
  id = freshSuffix();
  const { streams, consumers } = factoryPlan();
  const renamed = streams.map(({ takesFrom, ...one }): StreamDefinition => ({
    ...one,
    name: own(one.name),
    subjects: one.subjects.map(at),
    ...(takesFrom
      ? { takesFrom: { stream: own(takesFrom.stream), subject: at(takesFrom.subject), as: at(takesFrom.as) } }
      : {}),
  }));
  plan = {
    streams: renamed,
    consumers: consumers.map((one) => ({
      ...one,
      stream: own(one.stream),
      filterSubject: at(one.filterSubject),
    })),
  };
});
afterEach(async () => {
  for (const { name } of plan.streams) await manager.streams.delete(name).catch(() => undefined);
});
afterAll(() => connection.close());

const own = (name: string): string => `${name}_${id}`;
const at = (subject: string): string => `${id}.${subject}`;
const requests = (): string => own(STREAMS.requests.name);
const inSeconds = (seconds: number): string => `@at ${new Date(Date.now() + seconds * 1_000).toISOString()}`;

/** The broker's answer to a message; `stored` if it accepts it. */
async function answer(subject: string, given: Readonly<Record<string, string>>): Promise<string> {
  const hdrs = headers();
  for (const [name, value] of Object.entries(given)) hdrs.set(name, value);
  try {
    const ack = await broker.publish(at(subject), '{"productId":7}', { headers: hdrs });
    return ack.duplicate ? 'duplicate' : 'stored';
  } catch (refused) {
    return (refused as Error).message;
  }
}
const countOf = async (name: string): Promise<number> => (await manager.streams.info(name)).state.messages;

async function queue(count: number): Promise<void> {
  for (let one = 0; one < count; one++) await broker.publish(at(RETRAIN_SUBJECT), `{"productId":${one}}`);
}

describe('a request cannot delete another request', () => {
  const target = (to: string): Readonly<Record<string, string>> => ({
    'Nats-Schedule': inSeconds(1),
    'Nats-Schedule-Target': at(to),
  });

  it.each<[string, string, () => Record<string, string>]>([
    ['Nats-Rollup: all', RETRAIN_SUBJECT, () => ({ 'Nats-Rollup': 'all' })],
    ['Nats-Rollup: sub', RETRAIN_SUBJECT, () => ({ 'Nats-Rollup': 'sub' })],
    ['Nats-Rollup on another subject', 'factory.scoring.requested', () => ({ 'Nats-Rollup': 'all' })],
    ['Nats-TTL', RETRAIN_SUBJECT, () => ({ 'Nats-TTL': '1s' })],
    ['Nats-Schedule', RETRAIN_SUBJECT, () => ({ ...target('factory.scoring.requested') })],
    ['Nats-Schedule onto itself', RETRAIN_SUBJECT, () => ({ ...target(RETRAIN_SUBJECT) })],
    [
      'the end of a schedule of that name',
      'factory.scoring.requested',
      () => ({ 'Nats-Scheduler': at(RETRAIN_SUBJECT), 'Nats-Schedule-Next': 'purge' }),
    ],
    ['a batch', RETRAIN_SUBJECT, () => ({ 'Nats-Batch-Id': 'b', 'Nats-Batch-Sequence': '1' })],
    ['a counter', RETRAIN_SUBJECT, () => ({ 'Nats-Incr': '+1' })],
    ['Nats-Expected-Last-Sequence', RETRAIN_SUBJECT, () => ({ 'Nats-Expected-Last-Sequence': '999' })],
    ['Nats-Expected-Stream', RETRAIN_SUBJECT, () => ({ 'Nats-Expected-Stream': 'OTHER' })],
    ['Nats-Expected-Last-Msg-Id', RETRAIN_SUBJECT, () => ({ 'Nats-Expected-Last-Msg-Id': 'none' })],
  ])('by %s: it is refused', async (_what, subject, given) => {
    await provision(connection, plan);
    await queue(3);
    expect(await answer(subject, given())).not.toMatch(/^(stored|duplicate)$/);
    expect(await countOf(requests())).toBe(3);
  });

  it.each(Object.values(STREAMS).filter((one) => !('allowSchedules' in one)))(
    'nor any message of $name by a rollup',
    async ({ name, subjects: [first] }) => {
      await provision(connection, plan);
      const subject = first.replace('>', 'x.y.1');
      expect(await answer(subject, {})).toBe('stored');
      expect(await answer(subject, { 'Nats-Rollup': 'all' })).toMatch(/rollup not permitted/);
      expect(await countOf(own(name))).toBe(1);
    },
  );

  it.each(['factory.schedule.a', SCHEDULED_RETRAIN_SUBJECT])(
    'by a rollup in the stream of schedules, on %s',
    async (subject) => {
      await provision(connection, plan);
      await queue(3);
      await answer(SCHEDULED_RETRAIN_SUBJECT, {});
      await until(async () => (await countOf(requests())) === 4, { what: 'what was scheduled is a request' });
      expect(await answer(subject, { 'Nats-Rollup': 'all' })).toBe('stored');
      await answer(SCHEDULED_RETRAIN_SUBJECT, {});
      const all = subject === SCHEDULED_RETRAIN_SUBJECT ? 6 : 5;
      await until(async () => (await countOf(requests())) >= all, { what: 'all are requests' });
      expect(await countOf(requests())).toBe(all);
    },
  );

  it('a repeated id drops only the message with the same id', async () => {
    await provision(connection, plan);
    expect(await answer(RETRAIN_SUBJECT, { 'Nats-Msg-Id': 'nightly' })).toBe('stored');
    expect(await answer(RETRAIN_SUBJECT, { 'Nats-Msg-Id': 'nightly' })).toBe('duplicate');
    expect(await answer(RETRAIN_SUBJECT, {})).toBe('stored');
  });
});

describe('a schedule', () => {
  it('becomes a request each time, and cannot be published directly to the stream of requests', async () => {
    await provision(connection, plan);
    expect(
      await answer('factory.schedule.direct', {
        'Nats-Schedule': '@every 1s',
        'Nats-Schedule-Target': at(RETRAIN_SUBJECT),
      }),
    ).toMatch(/target is invalid/);
    for (const name of ['once', 'again'])
      expect(
        await answer(`factory.schedule.${name}`, {
          'Nats-Schedule': name === 'once' ? inSeconds(1) : '@every 1s',
          'Nats-Schedule-Target': at(SCHEDULED_RETRAIN_SUBJECT),
        }),
      ).toBe('stored');
    await until(async () => (await countOf(requests())) >= 3, { what: 'three requests', timeoutMs: 15_000 });
    const stored = await manager.streams.getMessage(requests(), { seq: 1 });
    expect([stored?.subject, stored?.string()]).toEqual([at(RETRAIN_SUBJECT), '{"productId":7}']);
  });
});

describe('a stream of requests that still allows schedules', () => {
  /** As earlier versions created it. */
  async function former(): Promise<void> {
    await manager.streams.add({
      name: requests(),
      subjects: [RETRAIN_SUBJECT, 'factory.scoring.requested', 'factory.schedule.*'].map(at),
      allow_msg_schedules: true,
      max_msgs_per_subject: 10_000,
    });
  }
  const provisioned = async () => (await provision(connection, plan)).find(({ name }) => name === requests());
  const consumer = async () =>
    broker.consumers.get(requests(), plan.consumers.find(({ stream }) => stream === requests())?.durable);

  it('is replaced when it is empty', async () => {
    await former();
    expect(await provisioned()).toMatchObject({ kind: 'stream', name: requests(), result: 'changed' });
    await queue(2);
    expect(await answer(RETRAIN_SUBJECT, { 'Nats-Rollup': 'all' })).toMatch(/rollup not permitted/);
    expect(await provisioned()).toMatchObject({ result: 'unchanged' });
  });

  it('keeps what is queued or in progress, accepts more, reports that, and is replaced when all is processed', async () => {
    await former();
    await queue(2);
    expect(await provisioned()).toMatchObject({
      result: 'unchanged',
      note: expect.stringMatching(/Nats-Rollup.*Provision again/) as string,
    });
    await queue(1);
    expect(await countOf(requests())).toBe(3);
    const messages = [];
    for (let one = 0; one < 3; one++) messages.push(await (await consumer()).next());
    expect(await provisioned()).toMatchObject({ result: 'unchanged', note: expect.any(String) as string });
    expect(await countOf(requests())).toBe(3);
    for (const message of messages) await message?.ackAck();
    const done = await provisioned();
    expect([done?.result, done?.note]).toEqual(['changed', undefined]);
    expect(await answer(RETRAIN_SUBJECT, { 'Nats-Rollup': 'all' })).toMatch(/rollup not permitted/);
  });

  it('keeps its schedules until they are moved', async () => {
    await former();
    await answer('factory.schedule.nightly', {
      'Nats-Schedule': inSeconds(3_600),
      'Nats-Schedule-Target': at(RETRAIN_SUBJECT),
    });
    await provisioned();
    expect((await provisioned())?.note).toContain('schedule.nightly');
    await manager.streams.purge(requests(), { filter: at('factory.schedule.nightly') });
    expect((await provisioned())?.note).toBeUndefined();
  });
});
