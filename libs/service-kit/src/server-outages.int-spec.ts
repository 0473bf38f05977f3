import { connectLedger, migrateLedger } from '@factory/ledger';
import { connectBroker, provision } from '@factory/messaging';
import {
  configuredBroker,
  restartableServer,
  until,
  type ConfiguredBroker,
  type RestartableServer,
} from '@factory/testing';
import { jetstream } from '@nats-io/jetstream';
import { setTimeout as sleep } from 'node:timers/promises';
import { killTinyServices, listening, startTiny, type TinyService } from './spec-tiny-service';

jest.setTimeout(120_000);

const STREAM = 'TINY';
const SUBJECT = 'tiny.work';
const brokerWith = (password: string) => `
jetstream { store_dir: "$STORE" }
authorization { user: worker, password: ${password} }`;
/** Secrets that must never appear in a log. */
const SECRETS = ['broker-secret', 'rotated'];

let database: RestartableServer;
let store: RestartableServer;
let broker: ConfiguredBroker;
let service: TinyService;
let url: string;

const natsUrl = () => broker.url.replace('//', '//worker:broker-secret@');
const databaseUrl = () => database.env['FACTORY_DATABASE_URL'] ?? '';
const asWorker = () => connectBroker({ url: natsUrl(), name: 'spec' });

beforeAll(async () => {
  [database, store, broker] = await Promise.all([
    restartableServer('database'),
    restartableServer('store'),
    configuredBroker(brokerWith('broker-secret')),
  ]);
  const connection = await asWorker();
  await provision(connection, {
    streams: [{ name: STREAM, subjects: [SUBJECT] }],
    consumers: [{ stream: STREAM, durable: 'tiny', filterSubject: SUBJECT }],
  });
  await connection.close();
  const ledger = await connectLedger(databaseUrl());
  await migrateLedger(ledger);
  await ledger.destroy();
  const own = { NATS_URL: natsUrl(), PORT: '0', TINY_STREAM: STREAM, TINY_SUBJECT: SUBJECT };
  service = startTiny({ ...database.env, ...store.env, ...own });
  url = await listening(service);
  await until(async () => (await ready()).ok, { what: 'it is ready', timeoutMs: 20_000 });
});
afterAll(async () => {
  killTinyServices();
  await service?.ended;
  await Promise.all([database?.dispose(), store?.dispose(), broker?.dispose()]);
});

async function ready(): Promise<{ ok: boolean; text: string }> {
  const answer = await fetch(`${url}/health/ready`);
  return { ok: answer.ok, text: await answer.text() };
}
const metrics = async () => (await fetch(`${url}/metrics`)).text();
const gauge = (server: string, why: string, value: number) =>
  `factory_server_unavailable{server="${server}",why="${why}"} ${value}`;
const alarms = () => service.lines().filter(({ level, server }) => level === 'error' && server !== undefined);

const ends = (server: string) =>
  service.lines().filter(({ msg }) => String(msg).startsWith(`${server} available again after`)).length;

async function work(run: string): Promise<void> {
  const connection = await asWorker();
  await jetstream(connection).publish(SUBJECT, JSON.stringify({ run, ms: 0 }));
  await connection.close();
}
const handled = (run: string) =>
  until(() => service.text().includes(`"run":"${run}"`), { what: `${run} is handled`, timeoutMs: 20_000 });

interface Outage {
  readonly name: string;
  readonly server: 'broker' | 'database' | 'store';
  readonly why: string;
  readonly says: RegExp;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

const OUTAGES: readonly Outage[] = [
  {
    name: 'the ledger is demoted to read-only',
    server: 'database',
    why: 'read-only',
    says: /the database is read-only .*--read-only.*: point its address to the writer/,
    begin: () => database.administer('SET GLOBAL read_only = 1'),
    end: () => database.administer('SET GLOBAL read_only = 0'),
  },
  {
    name: 'the ledger rotates the password',
    server: 'database',
    why: 'refused',
    says: /the database refuses the account .*Access denied for user.*: correct its password or its rights/,
    begin: async () => {
      await database.administer("ALTER USER 'factory'@'%' IDENTIFIED BY 'rotated'");
      await database.endSessions('factory');
    },
    end: () =>
      database.administer(`ALTER USER 'factory'@'%' IDENTIFIED BY '${new URL(databaseUrl()).password}'`),
  },
  {
    name: 'the ledger revokes the write privilege',
    server: 'database',
    why: 'refused',
    says: /the database refuses the account .*command denied to user.*: correct its password or its rights/,
    begin: async () => {
      await database.administer(
        "REVOKE ALL PRIVILEGES ON `factory%`.* FROM 'factory'@'%'",
        "GRANT SELECT ON `factory%`.* TO 'factory'@'%'",
      );
      await database.endSessions('factory');
    },
    end: () => database.administer("GRANT ALL PRIVILEGES ON `factory%`.* TO 'factory'@'%'"),
  },
  {
    name: 'the broker rotates the password',
    server: 'broker',
    why: 'refused',
    says: /the broker refuses the account .*Authorization Violation.*: correct user and password in NATS_URL/,
    begin: () => broker.reconfigure(brokerWith('rotated')),
    end: () => broker.reconfigure(brokerWith('broker-secret')),
  },
  {
    name: 'the store is unavailable',
    server: 'store',
    why: 'unreachable',
    says: /the store cannot be reached .*: work resumes when it is back/,
    begin: () => store.kill(),
    end: () => store.start(),
  },
  {
    name: 'the store rotates the key pair',
    server: 'store',
    why: 'refused',
    says: /the store refuses the account .*: check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY/,
    begin: () => store.changeStoreKeys('another-id', 'another-rotated-key'),
    end: () =>
      store.changeStoreKeys(store.env['S3_ACCESS_KEY_ID'] ?? '', store.env['S3_SECRET_ACCESS_KEY'] ?? ''),
  },
];

describe('a service without work', () => {
  it.each(OUTAGES)(
    '$name: log, metric and readiness report it, the process survives, and work resumes by itself',
    async (outage) => {
      const { server, why, says, begin, end } = outage;
      const alarmsBefore = alarms().length;
      const endsBefore = ends(server);
      await begin();
      try {
        let text = '';
        const saysSo = async () => {
          const answer = await ready();
          text = answer.text;
          const told = text.includes(`"message":"${server}-`) && says.test(service.text());
          return !answer.ok && told && (await metrics()).includes(gauge(server, why, 1));
        };
        await until(saysSo, { what: `it reports ${why} of the ${server}`, timeoutMs: 20_000 }).catch(
          (error) => {
            throw new TypeError(`${String(error)}\n${text}`);
          },
        );
        const alarm = () =>
          alarms()
            .slice(alarmsBefore)
            .find((line) => line['why'] === why);
        expect(await until(alarm, { what: 'the alarm is logged' })).toMatchObject({
          server,
          msg: expect.stringMatching(says),
        });
        // Longer than two refused reconnects of the client library, after which it would stop reconnecting.
        await sleep(4_000);
        expect(service.child.exitCode).toBeNull();
      } finally {
        await end();
      }
      await until(async () => (await ready()).ok, { what: 'it is ready again', timeoutMs: 20_000 });
      expect(await metrics()).toContain(gauge(server, why, 0));
      await until(() => ends(server) > endsBefore, { what: 'the end of the alarm is logged' });
      await work(outage.name);
      await handled(outage.name);
      for (const secret of [
        ...SECRETS,
        new URL(databaseUrl()).password,
        store.env['S3_SECRET_ACCESS_KEY'] ?? '-',
      ])
        expect(service.text()).not.toContain(secret);
    },
  );
});
