import { MESSAGE_VERSION, type ConsumerDefinition } from '@factory/contracts';
import { BadInputError, ServerAwayError } from '@factory/domain';
import {
  restartableServer,
  testServers,
  until as eventually,
  type RestartableServer,
} from '@factory/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { connectBroker } from './broker-connection';
import { DeadLetters } from './dead-letters';
import type { HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import { JetStreamServer } from './jetstream-server';
import type { JetStreamServerOptions } from './jetstream-server-options';
import { lendSlot } from './lend-slot';
import { OnConsumer } from './on-consumer';
import { provision, type ProvisionPlan } from './provision';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';

jest.setTimeout(30_000);

type Handle = (message: JetStreamMessage) => Promise<HandlerOutcome>;
const done: HandlerOutcome = { kind: 'done' };

/** Names for one spec: nothing is shared with the factory's streams. */
function ownPlan(ackWaitSeconds = 30) {
  const id = randomUUID().slice(0, 8);
  const stream = `SPEC_${id}`;
  const consumer = (name: string): ConsumerDefinition => ({
    stream,
    durable: name,
    filterSubject: `spec.${id}.${name}.>`,
  });
  const work = consumer('work');
  const other = consumer('other');
  const plan: ProvisionPlan = {
    ackWaitSeconds,
    streams: [
      { name: stream, subjects: [`spec.${id}.>`] },
      { name: `${stream}_DEAD`, subjects: [`dead.spec.${id}.>`] },
    ],
    consumers: [work, other],
  };
  return {
    plan,
    work,
    other,
    dead: `${stream}_DEAD`,
    subject: (name = 'work') => `spec.${id}.${name}.main.7`,
  };
}
type OwnPlan = ReturnType<typeof ownPlan>;

let connection: NatsConnection;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  connection = await connectBroker({ url: testServers().natsUrl, name: 'jetstream-server spec' });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => connection.close());

async function provisioned(ackWaitSeconds?: number): Promise<OwnPlan> {
  const own = ownPlan(ackWaitSeconds);
  await provision(connection, own.plan);
  forgetLater(own);
  return own;
}

function forgetLater(own: OwnPlan): void {
  cleanUps.push(async () => {
    const manager = await jetstreamManager(connection);
    for (const { name } of own.plan.streams) await manager.streams.delete(name).catch(() => undefined);
  });
}

/** A Nest microservice whose one handler is `handle`. */
async function serve(
  own: OwnPlan,
  handle: Handle,
  options: Partial<JetStreamServerOptions> & { slots?: number } = {},
): Promise<{ server: JetStreamServer; app: INestMicroservice }> {
  @Controller()
  class Handlers {
    @OnConsumer('work')
    work(message: JetStreamMessage): Promise<HandlerOutcome> {
      return handle(message);
    }
  }
  @Module({ controllers: [Handlers] })
  class SpecModule {}

  const on = options.connection ?? connection;
  const server = new JetStreamServer({
    connection: on,
    bindings: [{ consumer: own.work, pattern: 'work', slots: new Slots(options.slots ?? 2) }],
    gate: new ProbingGate({ probe: () => Promise.resolve() }),
    deadLetters: new DeadLetters(on, own.dead),
    rebindMs: 100,
    ...options,
  });
  const testing = await Test.createTestingModule({ imports: [SpecModule] }).compile();
  const app = testing.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
  cleanUps.push(() => app.close());
  return { server, app };
}

function publish(own: OwnPlan, body: unknown, on = connection, name = 'work') {
  return jetstream(on).publish(own.subject(name), JSON.stringify(body), { timeout: 5_000 });
}

const until = (rule: () => boolean | Promise<boolean>, timeoutMs = 10_000) =>
  eventually(rule, { what: rule.toString(), timeoutMs, everyMs: 20 });
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function left(own: OwnPlan, on = connection): Promise<{ waiting: number; unanswered: number }> {
  const manager = await jetstreamManager(on);
  const info = await manager.consumers.info(own.work.stream, own.work.durable);
  return { waiting: info.num_pending, unanswered: info.num_ack_pending };
}
const nothingLeft = { waiting: 0, unanswered: 0 };

describe('a delivery', () => {
  it('has what the handler needs to identify the message', async () => {
    const own = await provisioned();
    const seen: JetStreamMessage[] = [];
    await serve(own, (message) => {
      seen.push(message);
      return Promise.resolve(done);
    });
    const { seq } = await publish(own, { productId: 0 });
    await until(() => seen.length === 1);
    const manager = await jetstreamManager(connection);
    expect(seen[0]).toMatchObject({
      subject: own.subject(),
      stream: own.work.stream,
      streamSequence: seq,
      streamCreated: (await manager.streams.info(own.work.stream)).created,
      deliveryCount: 1,
      redelivered: false,
    });
    expect(new TextDecoder().decode(seen[0]?.data)).toBe('{"productId":0}');
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('of a later release reaches a service of that release, and no handler of this one', async () => {
    const own = await provisioned();
    const seen: unknown[] = [];
    const settled: string[] = [];
    await serve(
      own,
      ({ data }) => {
        seen.push(JSON.parse(new TextDecoder().decode(data)));
        return Promise.resolve(done);
      },
      { onSettled: ({ outcome, settlement }) => settled.push(`${outcome.kind} ${settlement.kind}`) },
    );
    await publish(own, { v: MESSAGE_VERSION + 1, body: ['of another shape'] });
    await publish(own, { v: MESSAGE_VERSION, next: true });
    await until(() => settled.length === 2);
    expect(settled).toEqual(['newer nak', 'done ack']);
    expect(seen).toEqual([{ v: MESSAGE_VERSION, next: true }]);
    expect(await left(own)).toEqual({ waiting: 0, unanswered: 1 });
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(own.dead)).state.messages).toBe(0);
    // As a service of that release: the next one to pull after the delay.
    const consumer = await jetstream(connection).consumers.get(own.work.stream, own.work.durable);
    const message = await consumer.next({ expires: 15_000 });
    expect(message?.json()).toMatchObject({ v: MESSAGE_VERSION + 1 });
    message?.ack();
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('that failed is redelivered after its delay, with a higher count', async () => {
    const own = await provisioned();
    const at: number[] = [];
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      at.push(Date.now());
      counts.push(deliveryCount);
      return Promise.resolve(
        at.length < 3 ? { kind: 'retry', attempt: at.length, error: new Error('once more') } : done,
      );
    });
    await publish(own, {});
    await until(() => at.length === 3);
    expect(counts).toEqual([1, 2, 3]);
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(1_990);
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('whose handler lends its slot lets others be handled meanwhile, and is settled as usual', async () => {
    const own = await provisioned();
    const seen: number[] = [];
    const finished: (() => void)[] = [];
    await serve(
      own,
      async ({ data }) => {
        const { n } = JSON.parse(new TextDecoder().decode(data)) as { n: number };
        seen.push(n);
        // At most as many as there are slots may be lent.
        if (n < 3) setTimeout(lendSlot, 20);
        if (n < 3) await new Promise<void>((resolve) => finished.push(resolve));
        return done;
      },
      { slots: 1 },
    );
    for (const n of [1, 2, 3]) await publish(own, { n });
    await until(() => seen.length === 2);
    await sleep(300);
    expect(seen).toEqual([1, 2]);
    finished[1]?.();
    await until(() => seen.length === 3);
    await until(async () => (await left(own)).unanswered === 1);
    finished[0]?.();
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('is not repeated while its handler works past the ack wait', async () => {
    const own = await provisioned(1);
    let calls = 0;
    await serve(
      own,
      async () => {
        calls++;
        await sleep(3_000);
        return done;
      },
      { heartbeatMs: 300 },
    );
    await publish(own, {});
    await until(async () => calls > 0 && (await left(own)).unanswered === 0);
    await sleep(1_500);
    expect(calls).toBe(1);
  });

  it('is redelivered when its worker died', async () => {
    const own = await provisioned(1);
    const dying = await serve(own, () => new Promise(() => undefined), {
      heartbeatMs: 60_000,
      finishMs: 0,
      giveBackMs: 0,
      slots: 1,
    });
    await publish(own, {});
    await until(() => dying.server.messagesInHand === 1);
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      counts.push(deliveryCount);
      return Promise.resolve(done);
    });
    await until(() => counts.length === 1);
    expect(counts).toEqual([2]);
  });
});

describe('a poison message', () => {
  it('is stored once as a dead letter with its error and never redelivered', async () => {
    const own = await provisioned();
    let calls = 0;
    await serve(own, () => {
      calls++;
      throw new BadInputError('not-json', { field: 'message', value: '{', todo: 'send a JSON object' });
    });
    const { seq } = await publish(own, { poison: true });
    const letters = new DeadLetters(connection, own.dead);
    await until(async () => (await letters.list()).length === 1);
    await until(async () => (await left(own)).unanswered === 0);
    await sleep(500);
    expect(calls).toBe(1);
    expect(await letters.list()).toMatchObject([
      {
        subject: own.subject(),
        stream: own.work.stream,
        streamSequence: seq,
        code: 'not-json',
        reason: 'message = "{": send a JSON object',
        attempts: 0,
      },
    ]);
  });

  it('is redelivered until it could be stored as a dead letter', async () => {
    const own = await provisioned();
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(own.dead);
    let calls = 0;
    await serve(own, () => {
      calls++;
      return Promise.resolve({ kind: 'exhausted', attempt: 5, error: new Error('no more') });
    });
    await publish(own, {});
    await until(() => calls === 2, 15_000);
    await provision(connection, own.plan);
    const letters = new DeadLetters(connection, own.dead);
    await until(async () => (await letters.list()).length === 1);
    expect((await letters.list())[0]).toMatchObject({ attempts: 5, code: 'unexpected', reason: 'no more' });
  });
});

describe('pulling', () => {
  it('pulls exactly as many messages as there are free slots', async () => {
    const own = await provisioned();
    const release: (() => void)[] = [];
    const { server } = await serve(own, () => new Promise((resolve) => release.push(() => resolve(done))), {
      slots: 3,
    });
    for (let i = 0; i < 8; i++) await publish(own, { i });
    await until(() => server.messagesInHand === 3);
    await sleep(300);
    expect(await left(own)).toEqual({ waiting: 5, unanswered: 3 });
    release.splice(0, 1)[0]?.();
    await until(async () => (await left(own)).waiting === 4);
    expect(server.messagesInHand).toBe(3);
    while ((await left(own)).unanswered > 0) {
      release.splice(0).forEach((one) => one());
      await sleep(20);
    }
    expect(await left(own)).toEqual(nothingLeft);
  });

  it('serves all queues that share slots, and never more messages at a time than slots', async () => {
    const own = await provisioned();
    const slots = new Slots(2);
    let most = 0;
    const seen: string[] = [];
    await serve(
      own,
      async ({ consumer }) => {
        most = Math.max(most, slots.inHand);
        await sleep(20);
        seen.push(consumer);
        return done;
      },
      {
        bindings: [
          { consumer: own.work, pattern: 'work', slots },
          { consumer: own.other, pattern: 'work', slots },
        ],
      },
    );
    for (let i = 0; i < 6; i++) await publish(own, { i }, connection, i < 3 ? 'work' : 'other');
    await until(() => seen.length === 6);
    expect(seen.filter((one) => one === 'other')).toHaveLength(3);
    expect(most).toBe(2);
    expect(slots.free).toBe(2);
  });

  it('pauses while a server is unavailable and pulls no other message meanwhile', async () => {
    const own = await provisioned();
    let away = true;
    let calls = 0;
    const gate = new ProbingGate({
      intervalMs: 20,
      probe: () => (away ? Promise.reject(new Error('still away')) : Promise.resolve()),
    });
    await serve(
      own,
      () => {
        calls++;
        if (away) throw new ServerAwayError('database');
        return Promise.resolve(done);
      },
      { gate, slots: 1 },
    );
    for (let i = 0; i < 3; i++) await publish(own, { i });
    await until(() => gate.state === 'closed');
    await sleep(1_500);
    expect(calls).toBe(1);
    away = false;
    await until(async () => (await left(own)).waiting === 0 && (await left(own)).unanswered === 0);
    expect(calls).toBe(4);
  });
});

describe('binding', () => {
  it('waits for consumers that do not exist, reports that, and never creates them itself', async () => {
    const own = ownPlan();
    forgetLater(own);
    const seen: number[] = [];
    const { server } = await serve(own, ({ streamSequence }) => {
      seen.push(streamSequence);
      return Promise.resolve(done);
    });
    await sleep(500);
    expect(server.missingConsumers).toEqual(['work']);
    const manager = await jetstreamManager(connection);
    await expect(manager.streams.info(own.work.stream)).rejects.toThrow(/stream not found/);
    await provision(connection, own.plan);
    await publish(own, {});
    await until(() => seen.length === 1);
    expect(server.missingConsumers).toEqual([]);
  });

  it('finds a consumer that was deleted and recreated', async () => {
    const own = await provisioned();
    let calls = 0;
    const { server } = await serve(own, () => {
      calls++;
      return Promise.resolve(done);
    });
    await until(() => server.missingConsumers.length === 0);
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(own.work.stream);
    await until(() => server.missingConsumers.length === 1);
    await provision(connection, own.plan);
    await publish(own, {});
    await until(() => calls === 1);
  });

  it('recognises a stream that was replaced at once as another, each time', async () => {
    const own = await provisioned();
    const created: string[] = [];
    await serve(own, ({ streamCreated }) => {
      created.push(streamCreated);
      return Promise.resolve(done);
    });
    await publish(own, {});
    await until(() => created.length === 1);
    const manager = await jetstreamManager(connection);
    for (let time = 2; time <= 6; time++) {
      await manager.streams.delete(own.work.stream);
      await provision(connection, own.plan);
      await publish(own, {});
      await until(() => created.length === time);
    }
    expect(new Set(created).size).toBe(6);
  });

  it('refuses a pattern that no handler is marked with', async () => {
    const own = ownPlan();
    const server = new JetStreamServer({
      connection,
      bindings: [{ consumer: own.work, pattern: 'wrok', slots: new Slots(1) }],
      gate: new ProbingGate({ probe: () => Promise.resolve() }),
      deadLetters: new DeadLetters(connection, own.dead),
    });
    const listened = await new Promise((resolve) => server.listen(resolve));
    expect(listened).toMatchObject({ code: 'no-handler', message: expect.stringContaining('wrok') });
  });
});

describe('a drain', () => {
  it('pulls nothing new, lets what is in progress finish, and acknowledges it', async () => {
    const own = await provisioned();
    let finished = 0;
    const { app, server } = await serve(
      own,
      async () => {
        await sleep(600);
        finished++;
        return done;
      },
      { slots: 1 },
    );
    await publish(own, 1);
    await publish(own, 2);
    await until(() => server.messagesInHand === 1);
    await app.close();
    expect(finished).toBe(1);
    expect(await left(own)).toEqual({ waiting: 1, unanswered: 0 });
  });

  it('tells handlers to give back what they cannot finish, for others to take immediately', async () => {
    const own = await provisioned();
    const { app, server } = await serve(
      own,
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'stopped' }))),
      { slots: 1, finishMs: 100 },
    );
    await publish(own, {});
    await until(() => server.messagesInHand === 1);
    await app.close();
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      counts.push(deliveryCount);
      return Promise.resolve(done);
    });
    await until(() => counts.length === 1, 2_000);
    expect(counts).toEqual([2]);
  });

  it('gives back what was delivered after the pull was abandoned', async () => {
    const own = await provisioned();
    let handled = 0;
    const handle: Handle = () => {
      handled++;
      return Promise.resolve(done);
    };
    const { app } = await serve(own, handle, { slots: 4 });
    const publishing = Promise.all(Array.from({ length: 40 }, (_, i) => publish(own, i)));
    await until(() => handled > 0);
    await app.close();
    await publishing;
    // Well within the ack wait: the message in transit was given back immediately.
    await serve(own, handle, { slots: 4 });
    await until(async () => (await left(own)).unanswered === 0 && (await left(own)).waiting === 0, 3_000);
    expect(handled).toBe(40);
  });
});

describe('a connection that ends under the pulls', () => {
  it.each(['close', 'drain'] as const)(
    '(%s) does not end the process: there is no unhandled rejection, and closing completes',
    async (way) => {
      const rejections: unknown[] = [];
      const onRejection = (reason: unknown): void => void rejections.push(reason);
      process.on('unhandledRejection', onRejection);
      cleanUps.push(async () => process.off('unhandledRejection', onRejection));
      const own = await provisioned();
      const mine = await connectBroker({ url: testServers().natsUrl, name: 'ends' });
      let calls = 0;
      const handle: Handle = async () => {
        calls++;
        await sleep(300);
        return done;
      };
      const { server, app } = await serve(own, handle, { connection: mine, heartbeatMs: 50, slots: 3 });
      await publish(own, 1);
      await until(() => server.messagesInHand === 1);
      await mine[way]();
      await until(() => server.messagesInHand === 0);
      // Longer than the pause between two attempts: they continue, and the closed connection refuses them.
      await sleep(1_500);
      expect([calls, rejections]).toEqual([1, []]);
      await app.close();
      expect(rejections).toEqual([]);
    },
  );
});

describe('a broker', () => {
  let broker: RestartableServer;
  let own: OwnPlan;
  let mine: NatsConnection;

  beforeEach(async () => {
    broker = await restartableServer('broker');
    mine = await connectBroker({ url: broker.env['NATS_URL'] ?? '', name: 'own' });
    own = ownPlan(2);
    await provision(mine, own.plan);
    cleanUps.push(
      () => broker.dispose(),
      () => mine.close(),
    );
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'that is restarted (%s) while a handler works gets its acknowledgement, and work continues',
    async (signal) => {
      const bodies: string[] = [];
      const { server } = await serve(
        own,
        async ({ data }) => {
          bodies.push(new TextDecoder().decode(data));
          if (bodies.length === 1) await sleep(1_500);
          return done;
        },
        { connection: mine, heartbeatMs: 500, slots: 1 },
      );
      await publish(own, 'first', mine);
      await until(() => server.messagesInHand === 1);
      await broker.kill(signal);
      await broker.start();
      await until(async () =>
        publish(own, 'second', mine).then(
          () => true,
          () => false,
        ),
      );
      await until(() => bodies.includes('"second"'));
      await until(async () => (await left(own, mine)).unanswered === 0);
      // A crash may lose an acknowledgement: then the first message is redelivered and answered as repeated.
      expect(bodies.filter((one) => one === '"first"').length).toBeLessThanOrEqual(2);
      expect((await left(own, mine)).waiting).toBe(0);
    },
  );

  it('that lost its store is bound to again after provisioning', async () => {
    const created: string[] = [];
    const { server } = await serve(
      own,
      ({ streamCreated }) => {
        created.push(streamCreated);
        return Promise.resolve(done);
      },
      { connection: mine },
    );
    await publish(own, 1, mine);
    await until(() => created.length === 1);
    await broker.kill('SIGKILL');
    await broker.erase();
    await broker.start();
    await until(() => server.missingConsumers.length === 1);
    await until(() => !mine.isClosed());
    await provision(mine, own.plan);
    await publish(own, 2, mine);
    await until(() => created.length === 2);
    expect(created[1]).not.toBe(created[0]);
  });
});
