import { freshSuffix, testServers } from '@factory/testing';
import { AckPolicy, StorageType, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { connectBroker } from './broker-connection';
import { checkServerVersion, factoryPlan, provision, type ProvisionPlan } from './provision';

let connection: NatsConnection;
let manager: JetStreamManager;
let plan: ProvisionPlan;

/** The factory's plan with names and subjects of one spec. */
function renamed({ streams, consumers }: ProvisionPlan, id: string): ProvisionPlan {
  return {
    streams: streams.map(({ takesFrom, ...one }) => ({
      ...one,
      name: `${one.name}_${id}`,
      subjects: one.subjects.map((subject) => `${id}.${subject}`),
      ...(takesFrom
        ? {
            takesFrom: {
              stream: `${takesFrom.stream}_${id}`,
              subject: `${id}.${takesFrom.subject}`,
              as: `${id}.${takesFrom.as}`,
            },
          }
        : {}),
    })),
    consumers: consumers.map((one) => ({
      ...one,
      stream: `${one.stream}_${id}`,
      filterSubject: `${id}.${one.filterSubject}`,
    })),
  };
}

beforeAll(async () => {
  connection = await connectBroker({ url: testServers().natsUrl, name: 'provision spec' });
  manager = await jetstreamManager(connection);
});
beforeEach(() => {
  plan = renamed(factoryPlan(['default', 'gpu']), freshSuffix());
});
afterEach(async () => {
  for (const { name } of plan.streams) await manager.streams.delete(name).catch(() => undefined);
});
afterAll(() => connection.close());

const resultsOf = async () => [...new Set((await provision(connection, plan)).map(({ result }) => result))];

describe('provision', () => {
  it('creates everything once', async () => {
    expect(await resultsOf()).toEqual(['created']);
    expect(await resultsOf()).toEqual(['unchanged']);
  });

  it('creates streams with the settings of the stage chain', async () => {
    await provision(connection, plan);
    const configs = await Promise.all(
      plan.streams.map(async ({ name }) => (await manager.streams.info(name)).config),
    );
    const day = 86_400_000;
    expect(configs).toMatchObject([
      { storage: StorageType.File, max_age: 0, max_msgs_per_subject: 20_000, allow_rollup_hdrs: false },
      { storage: StorageType.File, max_age: 0, max_msgs_per_subject: 10_000, allow_msg_schedules: true },
      { storage: StorageType.File, max_age: nanos(30 * day), duplicate_window: nanos(2 * 3_600_000) },
      { storage: StorageType.File, max_age: nanos(90 * day) },
    ]);
  });

  it('creates consumers that redeliver without limit, and only after a nak or the ack wait', async () => {
    await provision(connection, plan);
    expect(plan.consumers.map(({ durable }) => durable)).toContain('trainer-gpu');
    for (const { stream, durable, filterSubject } of plan.consumers) {
      const { config } = await manager.consumers.info(stream, durable);
      expect(config).toMatchObject({
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(30_000),
        max_deliver: -1,
        filter_subject: filterSubject,
      });
      expect(config.backoff ?? []).toEqual([]);
      expect(config.deliver_subject).toBeUndefined();
    }
  });

  it('corrects what somebody changed, and keeps the messages', async () => {
    await provision(connection, plan);
    const [requests] = plan.streams;
    const [first] = plan.consumers;
    if (!requests || !first) throw new TypeError('the plan is empty');
    await connection.request(requests.subjects[0]?.replace(/\*$/, 'x') ?? '', 'kept');
    await manager.streams.update(requests.name, { max_msgs_per_subject: 5 });
    await manager.consumers.update(first.stream, first.durable, { ack_wait: nanos(1_000) });
    const results = await provision(connection, plan);
    expect(results.filter(({ result }) => result === 'changed').map(({ name }) => name)).toEqual([
      requests.name,
      `${first.stream}/${first.durable}`,
    ]);
    const info = await manager.streams.info(requests.name);
    expect(info.config.max_msgs_per_subject).toBe(20_000);
    expect(info.state.messages).toBe(1);
  });

  it('recreates what was lost', async () => {
    await provision(connection, plan);
    const runs = plan.streams.find(({ maxAgeDays }) => maxAgeDays === 30);
    await manager.streams.delete(runs?.name ?? '');
    const results = await provision(connection, plan);
    expect(results.filter(({ result }) => result === 'created')).toHaveLength(
      1 + plan.consumers.filter(({ stream }) => stream === runs?.name).length,
    );
  });

  it('refuses a stream of that name that is stored in memory', async () => {
    const [requests] = plan.streams;
    await manager.streams.add({
      name: requests?.name ?? '',
      subjects: [...(requests?.subjects ?? [])],
      storage: StorageType.Memory,
    });
    await expect(provision(connection, plan)).rejects.toMatchObject({
      code: 'incompatible-stream',
      refusal: { field: expect.stringContaining('storage'), value: 'memory' },
    });
  });

  it('refuses a consumer of that name that pushes', async () => {
    await provision(connection, plan);
    const [first] = plan.consumers;
    if (!first) throw new TypeError('the plan is empty');
    await manager.consumers.delete(first.stream, first.durable);
    await manager.consumers.add(first.stream, {
      durable_name: first.durable,
      deliver_subject: `push.${freshSuffix()}`,
      ack_policy: AckPolicy.Explicit,
      filter_subject: first.filterSubject,
    });
    await expect(provision(connection, plan)).rejects.toMatchObject({
      code: 'incompatible-consumer',
      message: expect.stringContaining('deliver_subject'),
    });
  });
});

describe('checkServerVersion', () => {
  it.each(['2.14.0', '2.15.1', '3.0.0'])('takes %s', (version) => {
    expect(() => checkServerVersion(version)).not.toThrow();
  });

  it.each(['2.13.9', '2.9.25', '1.4.1'])('refuses %s, which has no schedules', (version) => {
    expect(() => checkServerVersion(version)).toThrow(/NATS server = .*use 2.14 or later/);
  });
});
