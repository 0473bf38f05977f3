import type { BadInputError } from '@factory/domain';
import { configuredBroker, until, type ConfiguredBroker } from '@factory/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { BoundConsumer } from './bound-consumer';
import { connectBroker } from './broker-connection';
import { checkJetStream, explainBrokerError } from './broker-fault';
import { provision } from './provision';

jest.setTimeout(30_000);

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function broker(config: string): Promise<ConfiguredBroker> {
  const made = await configuredBroker(config);
  cleanUps.push(() => made.dispose());
  return made;
}

async function connected(config: string, account = ''): Promise<NatsConnection> {
  const { url } = await broker(config);
  const connection = await connectBroker({
    url: url.replace('//', `//${account}`),
    name: 'broker fault spec',
  });
  cleanUps.push(() => connection.close());
  return connection;
}

const JETSTREAM = 'jetstream { store_dir: "$STORE" }';
const denied = (...subjects: string[]): string =>
  `${JETSTREAM}\nauthorization { users: [{ user: u, password: p, permissions: { publish: { deny: ${JSON.stringify(subjects)} } } }] }`;

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => explainBrokerError(thrown),
  );

describe('JetStream', () => {
  it.each([
    ['off for the whole server', '', ''],
    [
      'off for the account',
      `${JETSTREAM}\naccounts { A: { users: [{ user: u, password: p }] }, B: { jetstream: enabled } }`,
      'u:p@',
    ],
  ])(
    'that is %s is reported in one line, by the check and by provisioning',
    async (_what, config, account) => {
      const connection = await connected(config, account);
      for (const work of [checkJetStream, provision]) {
        const fault = (await failureOf(work(connection))) as BadInputError;
        expect(fault).toMatchObject({ code: 'jetstream-off' });
        expect(fault.message).toMatch(/^NATS server = "no JetStream": start nats-server with -js[^\n]*$/);
      }
    },
  );

  it('that the account may not query is assumed to be on', async () => {
    const connection = await connected(denied('$JS.API.INFO'), 'u:p@');
    await checkJetStream(connection);
    await provision(connection, { streams: [{ name: 'S', subjects: ['s'] }], consumers: [] });
  });

  it('that is off while a service looks up its consumer is reported once', async () => {
    const told: string[] = [];
    const stopped = new AbortController();
    const bound = new BoundConsumer(
      await connected(''),
      { stream: 'S', durable: 'work', filterSubject: 's' },
      { rebindMs: 20, stopped: stopped.signal, log: (text) => told.push(text) },
    );
    const looking = bound.whenBound();
    await until(() => told.length > 0, { what: 'it is told' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    stopped.abort();
    await looking;
    expect(told).toEqual([
      'consumer work of stream S cannot be looked up: the broker has no JetStream. Start nats-server with -js',
    ]);
  });
});

describe('what the broker refuses', () => {
  it('because of permissions names the subject', async () => {
    const connection = await connected(denied('$JS.API.STREAM.>', 'secret.>'), 'u:p@');
    const manager = await jetstreamManager(connection);
    expect(await failureOf(manager.streams.info('S'))).toMatchObject({
      code: 'broker-forbids',
      message: 'NATS server = "$JS.API.STREAM.INFO.S": allow the account of NATS_URL to publish on it',
    });
    expect(await failureOf(jetstream(connection).publish('secret.x', 'y'))).toMatchObject({
      code: 'broker-forbids',
      message: expect.stringContaining('secret.x') as string,
    });
    expect(connection.isClosed()).toBe(false);
  });

  it('because there is no such stream or consumer names the command that creates them', async () => {
    const manager = await jetstreamManager(await connected(JETSTREAM));
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const works = [() => manager.streams.info('NONE'), () => manager.consumers.info('S', 'none')];
    for (const work of works)
      expect(await failureOf(work())).toMatchObject({
        code: 'not-provisioned',
        message: expect.stringMatching(/not found": run `factory provision`$/) as string,
      });
  });

  it('because there is no space says where to free some', async () => {
    const connection = await connected('jetstream { store_dir: "$STORE", max_file_store: 1M }');
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'S', subjects: ['s'] });
    const fill = async (): Promise<void> => {
      for (let at = 0; at < 20; at++) await jetstream(connection).publish('s', new Uint8Array(100_000));
    };
    expect(await failureOf(fill())).toMatchObject({ code: 'broker-full', retryable: true });
  });
});
