import { randomBytes } from 'node:crypto';
import { createConnection, type Connection } from 'mysql2/promise';

/** A spec's own source database, and the user with which the factory reads it. */
export interface TestShop {
  /** Connection string of a user with exactly the shipped grants. */
  readonly url: string;
  readonly database: string;
  /** Runs statements, separated by semicolons, as the shop's owner. */
  run(statements: string): Promise<void>;
  /** Inserts rows as the shop's owner; objects with the same keys. */
  insert(table: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  /** Removes database and user. */
  close(): Promise<void>;
}

/**
 * Creates a shop on a real server.
 *
 * @param adminUrl of an account that may create users and databases named `shop...`
 * @param grants statements that give the read-only user its rights, see `sourceGrants` of `@factory/source`
 */
export async function createTestShop(
  adminUrl: string,
  grants: (account: { user: string; host: string; database: string }) => string[],
): Promise<TestShop> {
  const suffix = randomBytes(5).toString('hex');
  const database = `shop_${suffix}`;
  const user = `reader_${suffix}`;
  const password = randomBytes(8).toString('hex');
  const url = new URL(adminUrl);
  const owner = await createConnection({
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    charset: 'UTF8MB4_UNICODE_CI',
    timezone: 'Z',
    multipleStatements: true,
  });
  await owner.query(`CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`);
  await owner.query(`USE \`${database}\``);
  await owner.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
  for (const grant of grants({ user, host: '%', database })) await owner.query(grant);
  return {
    url: `mysql://${user}:${password}@${url.hostname}:${url.port || 3306}/${database}`,
    database,
    run: async (statements) => {
      await owner.query(statements);
    },
    insert: (table, rows) => insertRows(owner, table, rows),
    close: async () => {
      await owner.query(`DROP DATABASE IF EXISTS \`${database}\``);
      await owner.query(`DROP USER IF EXISTS '${user}'@'%'`);
      await owner.end();
    },
  };
}

async function insertRows(
  owner: Connection,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  for (let from = 0; from < rows.length; from += 1_000) {
    const batch = rows.slice(from, from + 1_000).map((row) => columns.map((column) => row[column] ?? null));
    await owner.query('INSERT INTO ?? (??) VALUES ?', [table, columns, batch]);
  }
}
