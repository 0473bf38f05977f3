import { type RestartableServer, restartableServer, testServers } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectBroker } from './broker-connection';
import { DeadLetters } from './dead-letters';
import { JetStreamServer } from './jetstream-server';
import { provision } from './provision';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';
import {
  type Handle,
  type OwnPlan,
  cleanUps,
  connection,
  done,
  forgetLater,
  left,
  ownPlan,
  provisioned,
  publish,
  serve,
  sleep,
  until,
} from './spec-jetstream';

jest.setTimeout(30_000);

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
