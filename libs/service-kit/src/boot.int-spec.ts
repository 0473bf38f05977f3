import { subjectOf } from '@factory/contracts';
import { connectLedger, migrateLedger } from '@factory/ledger';
import { WAITS_FOR_UPGRADE, connectBroker, provision, watchProgress } from '@factory/messaging';
import {
  configuredBroker,
  freePort,
  freshDatabase,
  freshSuffix,
  publishRaw,
  rawBlock,
  testServers,
  until,
  type FreshDatabase,
} from '@factory/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { killTinyServices, listening, startTiny } from './spec-tiny-service';

jest.setTimeout(60_000);

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const id = freshSuffix();
const names = { stream: `TINY_${id}`, subject: `tiny.${id}.work` };
let broker: NatsConnection;
let ledger: FreshDatabase;

beforeAll(async () => {
  broker = await connectBroker({ url: testServers().natsUrl, name: 'boot spec' });
  await provision(broker, {
    streams: [{ name: names.stream, subjects: [names.subject] }],
    consumers: [{ stream: names.stream, durable: 'tiny', filterSubject: names.subject }],
  });
  ledger = await freshDatabase();
  const dataSource = await connectLedger(ledger.url);
  await migrateLedger(dataSource);
  await dataSource.destroy();
});
afterEach(killTinyServices);
afterAll(async () => {
  await (await jetstreamManager(broker)).streams.delete(names.stream);
  await broker.close();
  await ledger.dispose();
});

function environment(): Record<string, string> {
  const { natsUrl, store } = testServers();
  return {
    NATS_URL: natsUrl,
    FACTORY_DATABASE_URL: ledger.url,
    S3_ENDPOINT: store.endpoint,
    S3_REGION: store.region,
    S3_ACCESS_KEY_ID: store.accessKeyId,
    S3_SECRET_ACCESS_KEY: store.secretAccessKey,
    S3_BUCKET: store.bucket,
    PORT: '0',
    TINY_STREAM: names.stream,
    TINY_SUBJECT: names.subject,
  };
}

function work(run: string, ms: number) {
  const traced = headers();
  traced.set('traceparent', `00-${TRACE}-00f067aa0ba902b7-01`);
  return jetstream(broker).publish(names.subject, JSON.stringify({ run, ms }), { headers: traced });
}

describe('a service', () => {
  it('is healthy, counts its work, logs run, stage and trace, and shuts down in order', async () => {
    const service = startTiny(environment());
    const url = await listening(service);
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'ok' });
    const ready = async () => (await fetch(`${url}/health/ready`)).json() as Promise<{ status: string }>;
    await until(async () => (await ready()).status === 'ok', { what: 'it is ready' });
    expect(service.lines().filter(({ level }) => level === 'error')).toEqual([]);
    expect(await ready()).toMatchObject({
      details: { broker: { status: 'up' }, database: { status: 'up' }, store: { status: 'up' } },
    });

    await work('run-1', 0);
    await until(() => service.line('awake'), { what: 'the message was handled' });
    expect(service.line('awake')).toMatchObject({
      level: 'info',
      service: 'tiny',
      run: 'run-1',
      stage: 'sampling',
      product: 7,
      traceparent: expect.stringContaining(`00-${TRACE}-`),
    });
    const counted = 'factory_deliveries_total{consumer="tiny",outcome="done",settlement="ack"} 1';
    await until(async () => (await (await fetch(`${url}/metrics`)).text()).includes(counted), {
      what: 'the delivery is counted',
    });

    await work('run-2', 1_500);
    await work('run-3', 0);
    await until(() => service.text().includes('run-2'), { what: 'a message is in progress' });
    service.child.kill('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.text()).toMatch(/"run":"run-2".*"msg":"awake"/);
    expect(service.text()).not.toContain('run-3');
    const info = await (await jetstreamManager(broker)).consumers.info(names.stream, 'tiny');
    expect({ waiting: info.num_pending, unanswered: info.num_ack_pending }).toEqual({
      waiting: 1,
      unanswered: 0,
    });
  });

  it('is alive but not ready without its consumers', async () => {
    const service = startTiny({ ...environment(), TINY_STREAM: `${names.stream}_MISSING` });
    const url = await listening(service);
    const answer = await fetch(`${url}/health/ready`);
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(text).toContain('"message":"broker-away (not-provisioned)"');
    for (const hidden of ['127.0.0.1', 'tiny']) expect(text).not.toContain(hidden);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it('refuses an invalid configuration with all its faults together', async () => {
    const service = startTiny({ ...environment(), NATS_URL: 'ftp://x', PORT: 'http', S3_BUCKET: '' });
    expect(await service.ended).toBe(1);
    expect(service.text()).toMatch(/^tiny cannot start:\nNATS_URL = .*\nS3_BUCKET = .*\nPORT = /m);
  });

  it('names every server that it cannot use, with each error, when it has waited long enough', async () => {
    const nobody = `nats://127.0.0.1:${await freePort()}`;
    const service = startTiny({
      ...environment(),
      NATS_URL: nobody,
      FACTORY_DATABASE_URL: ledger.url.replace(/:[^:@]*@/, ':wrong@'),
      S3_BUCKET: `missing-${id}`,
      START_TIMEOUT_SECONDS: '1',
    });
    expect(await service.ended).toBe(1);
    expect(service.text()).toMatch(/NATS_URL = "broker": start the broker or correct the address/);
    expect(service.text()).toMatch(
      /FACTORY_DATABASE_URL = .*the database refuses the account \(Access denied.*correct its password or its rights/,
    );
    expect(service.text()).toMatch(/S3_ENDPOINT = .*create the bucket or correct S3_BUCKET/);
    expect(service.text()).not.toContain('wrong@');
  });

  it('reports in one line that the broker has no JetStream, and exits', async () => {
    const off = await configuredBroker('');
    const service = startTiny({ ...environment(), NATS_URL: off.url });
    expect(await service.ended).toBe(1);
    await off.dispose();
    expect(service.text()).toMatch(
      /^tiny cannot start:\nNATS server = "no JetStream": start nats-server with -js[^\n]*\n$/m,
    );
  });

  it('survives messages that cannot be decoded, and does not count dead letters that no stream stores', async () => {
    const service = startTiny(environment());
    const url = await listening(service);
    const body = '{"run":"never","ms":0}';
    for (const name of ['X Trace Id', 'Größe', ''])
      await publishRaw(testServers().natsUrl, {
        subject: names.subject,
        block: rawBlock([[name, '1']]),
        body,
      });
    await work('run-after', 0);
    await until(() => service.text().includes('"run":"run-after"'), { what: 'the next message is handled' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(
      /factory_dead_letters_not_kept_total\{consumer="tiny",code="dead-letters-missing"\} [3-9]/,
    );
    expect(metrics).not.toMatch(/factory_dead_letters_total\{/);
    expect(service.text()).toMatch(/no stream takes dead\.tiny\..*: run `factory provision`/);
    expect(service.child.exitCode).toBeNull();
  });

  it('leaves a message of a later release to others, and tells whoever watches its run', async () => {
    const own = await configuredBroker('jetstream { store_dir: "$STORE" }');
    const connection = await connectBroker({ url: own.url, name: 'boot spec, later release' });
    try {
      const subject = subjectOf('model.trained', { source: 'main', product: 7 });
      await provision(connection, {
        streams: [{ name: names.stream, subjects: [subject] }],
        consumers: [{ stream: names.stream, durable: 'tiny', filterSubject: subject }],
      });
      const service = startTiny({ ...environment(), NATS_URL: own.url, TINY_SUBJECT: subject });
      await listening(service);
      const run = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
      const said: string[] = [];
      watchProgress(connection, run, ({ stage, doing }) => said.push(`${stage}: ${doing}`));
      await connection.flush();
      await jetstream(connection).publish(
        subject,
        JSON.stringify({ v: 99, run, ms: { of: 'another shape' } }),
      );
      await until(() => said.length > 1, { what: 'it is told each time that the message comes back' });
      expect(new Set(said)).toEqual(new Set([`evaluator: ${WAITS_FOR_UPGRADE}`]));
      expect(service.line('awake')).toBeUndefined();
    } finally {
      await connection.close();
      await own.dispose();
    }
  });

  describe('whose server is unavailable', () => {
    const withoutBroker = async (seconds: number) =>
      startTiny({
        ...environment(),
        NATS_URL: `nats://127.0.0.1:${await freePort()}`,
        START_TIMEOUT_SECONDS: String(seconds),
      });

    it('waits, and logs that', async () => {
      const service = await withoutBroker(600);
      await until(() => service.text().includes('waiting for broker ('), {
        what: 'it says what it waits for',
      });
      expect(service.child.exitCode).toBeNull();
    });

    it('finally gives up', async () => {
      const service = await withoutBroker(2);
      expect(await service.ended).toBe(1);
      expect(service.text()).toMatch(/NATS_URL = "broker": start the broker/);
    });
  });
});
