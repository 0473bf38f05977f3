import { freePort, freshSuffix, mustSucceed, startFactory, until, type Factory } from '@factory/testing';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { whenEnded } from './outcomes';

interface Ready {
  readonly status: string;
  readonly details: {
    readonly sources: {
      readonly status: string;
      readonly declared: string[];
      readonly message?: string;
      readonly sources: { readonly sha256: string | null; readonly fault?: string };
    };
  };
}

const READERS = ['data-prep', 'sampling'] as const;

/** Services run first, the first source comes later, its password changes: nothing is restarted. */
describe('a source that is added while the services run', () => {
  let factory: Factory;
  let connections: string;
  let starting: Promise<unknown>;
  let port: number;
  const database = `shop_late_${freshSuffix()}`;
  const reader = `r_${freshSuffix()}`;

  beforeAll(async () => {
    factory = await startFactory({ shops: [], services: 0 });
    for (const service of ['trainer', 'evaluator', 'publisher'] as const) await factory.start(service);
    connections = join(dirname(factory.env['SOURCES_FILE'] ?? ''), 'connections.yaml');
    port = await freePort();
    const env = { SOURCE_CONNECTIONS_FILE: connections };
    starting = Promise.all(
      READERS.map((service) =>
        factory.start(service, service === 'data-prep' ? { ...env, PORT: String(port) } : env),
      ),
    );
  }, 120_000);

  afterAll(async () => {
    await asAdmin(`DROP DATABASE IF EXISTS \`${database}\``, `DROP USER IF EXISTS '${reader}'@'%'`);
    await factory?.dispose();
  }, 60_000);

  const ready = async (): Promise<Ready> =>
    (await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json()) as Ready;

  async function asAdmin(...statements: readonly string[]): Promise<void> {
    const admin = await createConnection(factory.env['SOURCE_ADMIN_URL'] ?? '');
    for (const statement of statements) await admin.query(statement);
    await admin.end();
  }

  async function ask(requestId: string): Promise<void> {
    const env = ['retrain', '--source', 'late', '--request-id', requestId, '--grid', 'quick'];
    mustSucceed('factory retrain', await factory.cli(...env));
  }

  function whenWaiting(requestId: string): Promise<boolean> {
    return until(
      async () => {
        const waits = await factory.rows<{ request_key: string }>(
          'SELECT request_key FROM factory_request_wait',
        );
        if (!waits.some((one) => one.request_key === requestId)) throw new RangeError('it does not wait');
        return true;
      },
      { what: `request ${requestId} waits for its source`, timeoutMs: 30_000, everyMs: 200 },
    );
  }

  it('is waited for in words, and its request is not refused meanwhile', async () => {
    const { sources } = await until(async () => (await ready()).details, {
      what: 'data-prep answers',
      timeoutMs: 60_000,
      everyMs: 200,
    });
    expect(sources).toMatchObject({ status: 'down', declared: [], sources: { sha256: null } });
    expect(sources.message).toBe('source-away (no-sources)');
    await ask('early');
  }, 90_000);

  it('is used once its declaration and then its connection are there', async () => {
    const made = JSON.parse(
      mustSucceed(
        'factory simulate',
        await factory.cli(
          ...['simulate', '--source', 'late', '--database', database, '--reader', reader, '--json'],
          ...['--features', 'small', '--days', '40', '--product', '1:9000:0.12', '--signal', '3'],
        ),
      ),
    ) as { connectionEnv: string; connectionString: string };
    await starting;
    await whenWaiting('early');
    writeFileSync(connections, `${made.connectionEnv}: ${made.connectionString}\n`);
    expect(await whenEnded(factory, 1)).toMatchObject([{ source: 'late', outcome: 'published' }]);
    expect((await ready()).details.sources).toMatchObject({ status: 'up', declared: ['late'] });

    const rotated = new URL(made.connectionString);
    rotated.password = `rotated${freshSuffix()}`;
    await asAdmin(`ALTER USER '${reader}'@'%' IDENTIFIED BY '${rotated.password}'`);
    await ask('rotated');
    await whenWaiting('rotated');
    writeFileSync(connections, `${made.connectionEnv}: ${rotated.href}\n`);
    const runs = await whenEnded(factory, 2);
    expect(runs.map(({ outcome }) => outcome)).toEqual([
      'published',
      expect.stringMatching(/published|kept/),
    ]);
  }, 240_000);

  it('stays in use while a change of its declaration is invalid, which readiness and a metric report', async () => {
    const before = (await ready()).details.sources.sources.sha256;
    writeFileSync(factory.env['SOURCES_FILE'] ?? '', 'sources: [');
    const { status, details } = await until(
      async () => {
        const now = await ready();
        if (now.details.sources.sources.fault === undefined) throw new RangeError('no fault yet');
        return now;
      },
      { what: 'the fault is noticed', timeoutMs: 10_000, everyMs: 200 },
    );
    expect(status).toBe('ok');
    expect(details.sources.sources).toMatchObject({ sha256: before, fault: 'invalid-sources' });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('factory_sources_file_faulty{file="sources"} 1');
    expect(metrics).toContain(`factory_sources_in_use{file="sources",sha256="${before}"} 1`);
  }, 60_000);
});
