import { freshDatabase, type FreshDatabase } from '@factory/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { connectLedger, ledgerDataSourceOptions, migrateLedger } from './data-source';

/**
 * MySQL 8.4 reference manual, "Keywords and Reserved Words": words reserved since 5.7, without those that
 * MariaDB 10.11 reserves.
 */
const RESERVED_BY_MYSQL_ONLY = new Set(
  `CUBE CUME_DIST DENSE_RANK EMPTY FIRST_VALUE FUNCTION GENERATED GET GROUPING GROUPS IO_AFTER_GTIDS
   IO_BEFORE_GTIDS JSON_TABLE LAG LAST_VALUE LATERAL LEAD MANUAL MASTER_BIND NTH_VALUE NTILE OF OPTIMIZER_COSTS
   PARALLEL PERCENT_RANK QUALIFY RANK ROW ROW_NUMBER STORED SYSTEM TABLESAMPLE VIRTUAL WINDOW`.split(/\s+/),
);

describe('the ledger’s tables', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = await connectLedger(database.url);
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.dispose();
  });

  const tables = async (): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1',
    );
    return rows.map(({ name }) => name);
  };

  it('are created by the migrations, once', async () => {
    expect((await migrateLedger(dataSource)).length).toBeGreaterThan(0);
    expect(await migrateLedger(dataSource)).toEqual([]);
    expect(await tables()).toEqual(
      expect.arrayContaining(dataSource.entityMetadatas.map(({ tableName }) => tableName)),
    );
  });

  it('match the entities: a schema change needs a migration', async () => {
    const [server]: { version: string }[] = await dataSource.query('SELECT VERSION() AS version');
    // The two servers describe absent defaults differently; nothing else in the ledger depends on which one it
    // is.
    const type = /mariadb/i.test(server?.version ?? '') ? 'mariadb' : 'mysql';
    const options = { ...ledgerDataSourceOptions(database.url), type } as DataSourceOptions;
    const same = await new DataSource(options).initialize();
    try {
      const { upQueries } = await same.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    } finally {
      await same.destroy();
    }
  });

  it('are dropped when the migrations are reverted, and created again', async () => {
    for (let left = dataSource.migrations.length; left > 0; left--)
      await dataSource.undoLastMigration({ transaction: 'each' });
    expect(await tables()).toEqual(['factory_migration']);
    await migrateLedger(dataSource);
    expect(await tables()).toContain('factory_run');
  });

  it('have no name that MySQL 8 or 8.4 reserves and MariaDB does not: statements need no quotes', () => {
    const names = dataSource.entityMetadatas.flatMap(({ tableName, columns }) => [
      tableName,
      ...columns.map(({ databaseName }) => databaseName),
    ]);
    expect(names.filter((name) => RESERVED_BY_MYSQL_ONLY.has(name.toUpperCase()))).toEqual([]);
  });

  it('compare names and keys as bytes', async () => {
    const rows: { collation: string }[] = await dataSource.query(
      `SELECT DISTINCT collation_name AS collation FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name <> 'factory_migration' AND collation_name IS NOT NULL`,
    );
    expect(rows.map(({ collation }) => collation)).toEqual(['utf8mb4_bin']);
  });
});
