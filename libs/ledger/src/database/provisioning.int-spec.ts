import { freshDatabase, TcpForwarder, type FreshDatabase } from '@factory/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { connectLedger, ledgerDataSourceOptions, migrateLedger } from './data-source';
import { withProvisioningLock } from './provisioning-lock';
import { sqlOf } from './transaction';

/** To the server, a killed process is the end of its connections. */
const KILL_POINTS = Array.from({ length: 40 }, (_, at) => at + 1);

describe('migrating the ledger', () => {
  let database: FreshDatabase;

  beforeEach(async () => {
    database = await freshDatabase();
  });

  afterEach(() => database.dispose());

  /** Migrates over a separate connection that ends for good after its n-th command. */
  async function migrateKilledAt(command: number): Promise<'finished' | 'killed'> {
    const { hostname, port } = new URL(database.url);
    let sent = 0;
    const forwarder = await TcpForwarder.open({ host: hostname, port: Number(port) }, (one) => {
      if (++sent === command) void one.close();
    });
    const url = new URL(database.url);
    url.port = String(forwarder.port);
    let ledger: DataSource | undefined;
    try {
      ledger = await connectLedger(url.href);
      await migrateLedger(ledger);
      return 'finished';
    } catch {
      return 'killed';
    } finally {
      await ledger?.destroy().catch(() => undefined);
      await forwarder.close().catch(() => undefined);
    }
  }

  async function expectComplete(): Promise<void> {
    const ledger = await connectLedger(database.url);
    try {
      await migrateLedger(ledger);
      expect(await migrateLedger(ledger)).toEqual([]);
      const [server] = await sqlOf(ledger).rows('SELECT VERSION() AS version');
      const type = /mariadb/i.test(String(server?.['version'])) ? 'mariadb' : 'mysql';
      const same = new DataSource({ ...ledgerDataSourceOptions(database.url), type } as DataSourceOptions);
      await same.initialize();
      const { upQueries } = await same.driver.createSchemaBuilder().log();
      await same.destroy();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await ledger.destroy();
    }
  }

  it('completes after a kill at any of its commands, also after several kills', async () => {
    const ends: string[] = [];
    for (const point of KILL_POINTS) ends.push(await migrateKilledAt(point));
    expect(ends.filter((end) => end === 'killed').length).toBeGreaterThan(10);
    await expectComplete();
  }, 60_000);

  it.each(KILL_POINTS.filter((point) => point % 4 === 3))(
    'completes in a new database after one kill at command %i',
    async (point) => {
      await migrateKilledAt(point);
      await expectComplete();
    },
    30_000,
  );

  it('can repeat each migration on its own result', async () => {
    const ledger = await connectLedger(database.url);
    await migrateLedger(ledger);
    await sqlOf(ledger).change('DELETE FROM factory_migration');
    expect((await migrateLedger(ledger)).length).toBe(ledger.migrations.length);
    await ledger.destroy();
    await expectComplete();
  });

  it('is done once by six processes at the same time', async () => {
    const ledgers = await Promise.all(Array.from({ length: 6 }, () => connectLedger(database.url)));
    const ran = await Promise.all(ledgers.map(migrateLedger));
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1);
    await Promise.all(ledgers.map((one) => one.destroy()));
    await expectComplete();
  });

  it('reports the other process after a while, and goes on when that has ended', async () => {
    const [first, second] = await Promise.all([connectLedger(database.url), connectLedger(database.url)]);
    await withProvisioningLock(first, async () => {
      await expect(withProvisioningLock(second, async () => 'mine', 0)).rejects.toMatchObject({
        code: 'provisioning-busy',
        retryable: true,
      });
    });
    await expect(withProvisioningLock(second, async () => 'mine', 0)).resolves.toBe('mine');
    await Promise.all([first.destroy(), second.destroy()]);
  });

  it('names a table that is not ours', async () => {
    const ledger = await connectLedger(database.url);
    await ledger.query('CREATE TABLE factory_policy (id int PRIMARY KEY)');
    await expect(migrateLedger(ledger)).rejects.toMatchObject({
      code: 'ledger-differs',
      message: expect.stringContaining('factory_policy.policy'),
    });
    await ledger.destroy();
  });
});
