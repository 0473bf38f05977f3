import { sql, type SqlText } from '@factory/mysql';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourcesFile } from '../declaration/sources-file';
import { SMALL_SHOP, SMALL_SHOP_SOURCES } from '../fixtures/small-shop';
import { sourceGrants } from './grants';
import { SourceAccess, type SourceAccessOptions } from './source-access';
import { closeSource, connectSource } from './source-connection';
import { Statements } from './statements';

let shop: TestShop;
let folder: string;
let file: SourcesFile;

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP);
  folder = mkdtempSync(join(tmpdir(), 'sources-'));
  const name = `s-${shop.database.slice(5)}`;
  writeFileSync(join(folder, 'sources.yaml'), SMALL_SHOP_SOURCES.replace('  main:', `  ${name}:`));
  file = SourcesFile.load(join(folder, 'sources.yaml'));
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

const access = (options: Partial<SourceAccessOptions> = {}) =>
  new SourceAccess(file, { variable: () => shop.url, ...options });
const reader = () => `'${new URL(shop.url).username}'@'%'`;
const onlySource = () => [...file.all().keys()][0] ?? '';
const open = async (seconds = 60) => {
  const definition = file.source(onlySource());
  const connection = await connectSource(definition, {
    connectionString: shop.url,
    statementTimeoutSeconds: seconds,
  });
  return { connection, statements: new Statements(connection, definition, () => 0) };
};

/** 5^14 rows. Not SLEEP, which MySQL interrupts without an error. */
const FIVE = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
const ENDLESS: SqlText = {
  text: `SELECT COUNT(*) FROM ${Array.from({ length: 14 }, (_, at) => `${FIVE} t${at}`).join(' JOIN ')}`,
  values: [],
};

describe('a source connection', () => {
  it('uses UTC, utf8mb4 and repeatable read', async () => {
    const { connection, statements } = await open();
    const session = sql`SELECT @@session.time_zone, @@character_set_connection`;
    expect(await statements.all({ name: 'session', sql: session, row: anyRow })).toEqual([
      ['+00:00', 'utf8mb4'],
    ]);
    // The variable has one name in MySQL and another in MariaDB; later releases have both.
    const isolation = sql`SHOW SESSION VARIABLES WHERE Variable_name IN ('transaction_isolation', 'tx_isolation')`;
    const levels = await statements.all({ name: 'isolation', sql: isolation, row: anyRow });
    expect(new Set(levels.map((row) => (row as string[])[1]))).toEqual(new Set(['REPEATABLE-READ']));
    await closeSource(connection);
  });

  it('makes the server end a statement that takes too long', async () => {
    const { connection, statements } = await open(1);
    await expect(statements.run('slow', ENDLESS)).rejects.toMatchObject({
      code: 'source-statement-timeout',
      retryable: true,
    });
    await closeSource(connection);
  });

  it('cannot write to the shop with the shipped grants', async () => {
    const { connection, statements } = await open();
    for (const statement of [sql`INSERT INTO product VALUES (1, 1)`, sql`CREATE TABLE mine (id INT)`]) {
      await expect(statements.run('write', statement)).rejects.toMatchObject({
        code: 'source-access-denied',
      });
    }
    await statements.run('own', sql`CREATE TEMPORARY TABLE mine (id INT)`);
    await closeSource(connection);
  });

  it('is abandoned immediately when the signal is aborted', async () => {
    const abort = new AbortController();
    const reading = access().read(
      onlySource(),
      async (reader) => {
        setTimeout(() => abort.abort(new RangeError('stopped by the spec')), 50);
        for (;;) await reader.activeProducts();
      },
      { signal: abort.signal },
    );
    await expect(reading).rejects.toThrow('stopped by the spec');
  });
});

describe('errors', () => {
  it('a server that does not exist is unavailable: work waits', async () => {
    const away = access({ variable: () => 'mysql://a:b@127.0.0.1:1/shop' });
    await expect(away.read(onlySource(), async () => 1)).rejects.toMatchObject({
      code: 'source-away',
      source: onlySource(),
      why: 'unreachable',
      retryable: true,
    });
  });

  test.each([
    ['not there', undefined, /missing|set it to mysql/],
    ['empty', ' ', /set it to mysql/],
    ['no address', 'shop', /begin it with|write it as/],
    ['another server', 'postgres://a:b@db/shop', /begin it with mysql/],
    ['without database', 'mysql://a:b@db', /add the database/],
  ])(
    'a connection string that is %s is reported as such, not as a refused account',
    async (_what, value, says) => {
      const unset = access({ variable: () => value, service: { slots: 1 } });
      const thrown: unknown = await unset.read(onlySource(), async () => 1).catch((error: unknown) => error);
      expect(thrown).toMatchObject({
        code: 'source-no-connection',
        source: onlySource(),
        why: 'refused',
        todo: 'set or correct SOURCE_MAIN_URL, in the environment or in SOURCE_CONNECTIONS_FILE',
      });
      expect((thrown as Error).message).toMatch(says);
      expect((thrown as Error).message).toContain('has no usable connection string');
      expect((thrown as Error).message).not.toMatch(/account|password or/);
    },
  );

  test.each(['a'.repeat(300), `${'a'.repeat(70)}.example`, 'a..example', '.', '-', `${'a.'.repeat(200)}a`])(
    'an invalid host name is unreachable, no attempt is used: %s',
    async (host) => {
      const away = access({ variable: () => `mysql://a:b@${host}:3306/shop` });
      await expect(away.read(onlySource(), async () => 1)).rejects.toMatchObject({
        code: 'source-away',
        why: 'unreachable',
      });
    },
  );

  it('a wrong password is a source that refuses: its runs wait for a while', async () => {
    const wrong = access({ variable: () => shop.url.replace(/:[0-9a-f]+@/, ':wrong@') });
    await expect(wrong.read(onlySource(), async () => 1)).rejects.toMatchObject({
      code: 'source-access-denied',
      source: onlySource(),
      why: 'refused',
    });
  });

  it('a connection that is killed during the work is unavailable', async () => {
    const [victim, killer] = [await open(), await open()];
    const killed = expect(victim.statements.run('sleep', sql`SELECT SLEEP(20)`)).rejects.toMatchObject({
      code: 'source-away',
    });
    const id: SqlText = { text: String(victim.connection.driver.threadId), values: [] };
    await killer.statements.run('kill', sql`KILL ${id}`);
    await killed;
    await closeSource(killer.connection);
  });

  it('a connection that is cut is unavailable', async () => {
    const { connection, statements } = await open();
    const cut = statements.run('sleep', sql`SELECT SLEEP(20)`);
    setTimeout(() => connection.abandon(), 50);
    await expect(cut).rejects.toMatchObject({ code: 'source-away' });
    await expect(statements.run('more', sql`SELECT 1`)).rejects.toMatchObject({ code: 'source-away' });
  });

  it('a killed statement is retried, and counted: the source itself is available', async () => {
    const [victim, killer] = [await open(), await open()];
    const killed = expect(victim.statements.run('slow', ENDLESS)).rejects.toMatchObject({
      code: 'source-statement-killed',
      retryable: true,
    });
    const id: SqlText = { text: String(victim.connection.driver.threadId), values: [] };
    await new Promise((done) => setTimeout(done, 100));
    await killer.statements.run('kill', sql`KILL QUERY ${id}`);
    await killed;
    await victim.statements.run('more', sql`SELECT 1`);
    await Promise.all([closeSource(victim.connection), closeSource(killer.connection)]);
  });

  it('an account without a free connection is an outage and uses no attempt', async () => {
    const account = { user: `limited_${shop.database.slice(5)}`, host: '%', database: shop.database };
    const create = `CREATE USER '${account.user}'@'%' IDENTIFIED BY 'limited' WITH MAX_USER_CONNECTIONS 1`;
    await shop.run([create, ...sourceGrants(account)].join(';'));
    const url = new URL(shop.url);
    [url.username, url.password] = [account.user, 'limited'];
    const limited = access({ variable: () => url.href });
    try {
      await limited.read(onlySource(), async () => {
        const second = limited.read(onlySource(), async () => 1);
        await expect(second).rejects.toMatchObject({ code: 'source-busy', why: 'unreachable' });
      });
    } finally {
      await shop.run(`DROP USER '${account.user}'@'%'`);
    }
  });

  it.each([
    ['is locked', 'ACCOUNT LOCK', 'ACCOUNT UNLOCK'],
    ['has a password that expired', 'PASSWORD EXPIRE', 'PASSWORD EXPIRE NEVER'],
  ])('an account that %s is refused', async (_, begin, end) => {
    await shop.run(`ALTER USER ${reader()} ${begin}`);
    try {
      const refused = open();
      await expect(refused).rejects.toMatchObject({ code: 'source-access-denied', why: 'refused' });
    } finally {
      const { password } = new URL(shop.url);
      await shop.run(`ALTER USER ${reader()} ${end}; ALTER USER ${reader()} IDENTIFIED BY '${password}'`);
    }
    await closeSource((await open()).connection);
  });

  it('a revoked privilege is refused, with the table and what to grant', async () => {
    const [grant = ''] = sourceGrants({
      user: new URL(shop.url).username,
      host: '%',
      database: shop.database,
    });
    await shop.run(
      grant.replace('GRANT SELECT, CREATE TEMPORARY TABLES', 'REVOKE SELECT').replace(' TO ', ' FROM '),
    );
    try {
      const { connection, statements } = await open();
      await expect(statements.run('visits', sql`SELECT * FROM visit`)).rejects.toMatchObject({
        code: 'source-access-denied',
        why: 'refused',
        message: expect.stringMatching(
          /refuses the account .*visit.*grant it SELECT and CREATE TEMPORARY TABLES/,
        ),
      });
      await closeSource(connection);
    } finally {
      await shop.run(grant);
    }
    const { connection, statements } = await open();
    await statements.run('visits', sql`SELECT * FROM visit`);
    await closeSource(connection);
  });

  it('all connection strings are checked together', () => {
    expect(access({ variable: () => undefined }).refusals()).toEqual([
      expect.objectContaining({ field: 'SOURCE_MAIN_URL' }),
    ]);
    expect(access().refusals()).toEqual([]);
  });
});

describe('source slots', () => {
  it('lets two read at the same time, and the third when one is done', async () => {
    let reading = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++reading);
      await new Promise((done) => setTimeout(done, 150));
      reading--;
    };
    await Promise.all(Array.from({ length: 5 }, () => access().read(onlySource(), work)));
    expect(most).toBe(2);
  });

  it('light reads do not wait', async () => {
    const holder = await holdSlot();
    const light = access().read(onlySource(), (reader) => reader.activeProducts(), { slot: false });
    await expect(light).resolves.toEqual([]);
    await holder.release();
  });

  it('a waiting reader can be aborted', async () => {
    const holder = await holdSlot();
    const waiting = access({ sourceConcurrency: 1 }).read(onlySource(), async () => 1, {
      signal: AbortSignal.timeout(200),
    });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
    await holder.release();
  });
});

async function holdSlot(): Promise<{ release(): Promise<void> }> {
  return new Promise((held) => {
    const reading = access({ sourceConcurrency: 1 }).read(
      onlySource(),
      () =>
        new Promise<void>((resolve) =>
          held({
            release: async () => {
              resolve();
              await reading;
            },
          }),
        ),
    );
  });
}

const anyRow = { safeParse: (data: unknown) => ({ success: true, data }) } as never;
