import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { freshShop, type FreshDatabase } from '@factory/testing';
import { readerName } from './reader-account';
import { specCli } from '../spec-kit/spec-cli';

interface Made {
  readonly connectionEnv: string;
  readonly connectionString?: string;
  readonly readerKept?: true;
}

describe('the account that --reader creates', () => {
  let shop: FreshDatabase;
  let connection: Connection;
  let folder: string;
  let env: Record<string, string>;
  const mine = `r_${Date.now().toString(36)}`;
  const others = `${mine}_others`;
  const OTHERS_PASSWORD = 'untouched-1';

  const signIn = async (url: string): Promise<void> => (await createConnection(url)).end();
  const admin = () => new URL(shop.url);
  const othersUrl = (): string => {
    const url = admin();
    url.username = others;
    url.password = OTHERS_PASSWORD;
    url.pathname = '/';
    return url.href;
  };
  const args = (reader: string, source = 'main') => [
    ...['import', join(folder, 'shop.csv'), '--source', source, '--goal-column', 'sold', '--no-time'],
    ...['--reader', reader],
  ];
  const tables = async (): Promise<string[]> =>
    (await connection.query<RowDataPacket[]>('SHOW TABLES'))[0].map((row) => String(Object.values(row)[0]));

  beforeAll(async () => {
    shop = await freshShop();
    connection = await createConnection(shop.url);
    folder = mkdtempSync(join(tmpdir(), 'reader-'));
    writeFileSync(join(folder, 'shop.csv'), 'age,sold\n1,yes\n2,no\n3,no\n');
    env = { SOURCE_ADMIN_URL: shop.url, SOURCES_FILE: join(folder, 'sources.yaml') };
    await connection.query('CREATE USER ?@? IDENTIFIED BY ?', [others, '%', OTHERS_PASSWORD]);
  });
  afterEach(async () => {
    for (const table of await tables()) await connection.query('DROP TABLE ??', [table]);
  });
  afterAll(async () => {
    for (const user of [mine, others]) await connection.query('DROP USER IF EXISTS ?@?', [user, '%']);
    await connection.end();
    await shop.dispose();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['somebody else', () => others],
    ['the admin', () => decodeURIComponent(admin().username)],
    ['the server', () => 'root'],
    ['the ledger', () => new URL(process.env['FACTORY_DATABASE_URL'] ?? '').username],
  ])('is never an account of %s, and nothing is changed', async (_whose, user) => {
    const { code, stderr } = await specCli(env).run(...args(user()));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`reader-exists`)]);
    expect(stderr).toMatch(/choose another name.*SOURCE_MAIN_URL.*leave --reader out/);
    expect(await tables()).toEqual([]);
    const simulated = await specCli(env).run('simulate', '--database', `${shop.name}_x`, '--reader', user());
    expect([simulated.code, simulated.stderr]).toEqual([2, expect.stringContaining('reader-exists')]);
    await signIn(othersUrl());
    await signIn(shop.url);
  });

  it('is created once, and kept with its password if the source names it', async () => {
    const made = await specCli(env).json<Made>(...args(mine));
    expect(made).toMatchObject({ connectionEnv: 'SOURCE_MAIN_URL' });
    const url = made.connectionString ?? '';
    await signIn(url);

    const again = { ...env, SOURCE_MAIN_URL: url };
    const kept = await specCli(again).json<Made>(...args(mine));
    expect(kept.connectionString).toBeUndefined();
    expect(kept.readerKept).toBe(true);
    expect((await specCli(again).run(...args(mine))).stdout).toContain(
      'the account that SOURCE_MAIN_URL names is kept, with its password',
    );
    const mounted = join(folder, 'connections.yaml');
    writeFileSync(mounted, `SOURCE_MAIN_URL: ${url}\n`);
    expect(
      await specCli({ ...env, SOURCE_CONNECTIONS_FILE: mounted }).json<Made>(...args(mine)),
    ).toMatchObject({ readerKept: true });
    await signIn(url);

    // Without that variable, for another source, or for another database, it cannot be known to be the source's own.
    const elsewhere = new URL(url);
    elsewhere.pathname = '/elsewhere';
    for (const [given, source] of [
      [env, 'main'],
      [again, 'second'],
      [{ ...env, SOURCE_MAIN_URL: elsewhere.href }, 'main'],
    ] as const) {
      const { code, stderr } = await specCli(given).run(...args(mine, source));
      expect([code, stderr]).toEqual([2, expect.stringContaining('reader-exists')]);
    }
    await signIn(url);
  }, 60_000);

  it('is not created if the import is refused', async () => {
    const user = `${mine}_none`;
    const { code } = await specCli(env).run(...args(user), '--exclude', 'nothing');
    expect(code).toBe(2);
    await connection.query('CREATE USER ?@? IDENTIFIED BY ?', [user, '%', 'x']);
    await connection.query('DROP USER ?@?', [user, '%']);
  });
});

describe('the name of a reader', () => {
  it.each(['r', 'factory_reader', 'A-b_9', 'x'.repeat(32)])('%j is one', (text) => {
    expect(readerName(text)).toBe(text);
  });

  it.each([
    ...['', ' ', "o'brien", 'a b', 'a"b', 'a`b', 'a;b', 'a\\b', 'a@b', '%', 'a%', '$HOME', 'a/b', 'a:b'],
    ...['mysql.sys', 'ä', 'a\n', "x'@'%", 'x'.repeat(33), '-- x', '#'],
  ])('%j is refused', (text) => {
    expect(() => readerName(text)).toThrow(expect.objectContaining({ code: 'invalid-reader' }));
  });
});
