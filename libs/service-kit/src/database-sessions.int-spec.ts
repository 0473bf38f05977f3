import { connectLedger, migrateLedger, sqlOf } from '@factory/ledger';
import { BulkInsert, connectAsOwner, SESSION_STATEMENTS } from '@factory/mysql';
import { closeSource, connectSource, type SourceDefinition } from '@factory/source';
import { restartableServer, type RestartableServer } from '@factory/testing';
import { createConnection } from 'mysql2/promise';
import type { DataSource } from 'typeorm';

/** Texts that a session with the server's own modes would change, or execute. */
const TEXTS = [
  String.raw`{"path":"C:\\temp\\new","quote":"say \"no\""}`,
  String.raw`\' OR 1=1 -- `,
  String.raw`\', 'x'); DROP TABLE factory_policy; -- `,
  `it's "quoted" and \`quoted\``,
  'line\nbreak\ttab\0nul\x1A',
  'emoji 😀, Ünïcödé, 日本',
  String.raw`trailing backslash \ `,
  '%_?:@${}',
];

/** A server with settings of some shop, all of them unsuitable for us. */
const ODD_MODES =
  'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,IGNORE_SPACE';

describe('on a server with NO_BACKSLASH_ESCAPES, ANSI_QUOTES, latin1 and another time zone', () => {
  let server: RestartableServer;
  let ledger: DataSource;
  const ledgerUrl = () => server.env['FACTORY_DATABASE_URL'] ?? '';
  const shopUrl = () => server.env['SOURCE_ADMIN_URL'] ?? '';

  beforeAll(async () => {
    server = await restartableServer('database');
    await server.administer(
      `SET GLOBAL sql_mode = '${ODD_MODES}'`,
      "SET GLOBAL time_zone = '+05:30'",
      'SET GLOBAL character_set_client = latin1',
      'SET GLOBAL character_set_results = latin1',
      'SET GLOBAL collation_connection = latin1_swedish_ci',
    );
    ledger = await connectLedger(ledgerUrl());
    await migrateLedger(ledger);
  }, 60_000);

  afterAll(async () => {
    await ledger.destroy();
    await server.dispose();
  }, 60_000);

  it('each session sets its own modes, character set and time zone', async () => {
    const asked = `SELECT @@sql_mode AS modes, @@time_zone AS zone, @@character_set_client AS sent,
      @@character_set_results AS received`;
    const expected = { modes: expect.not.stringMatching(/BACKSLASH|ANSI|PIPES/), zone: '+00:00' };
    const utf8 = { sent: 'utf8mb4', received: 'utf8mb4' };
    const pooled = await Promise.all(Array.from({ length: 8 }, () => sqlOf(ledger).rows(asked)));
    for (const [row] of pooled) expect(row).toMatchObject({ ...expected, ...utf8 });

    const owner = await connectAsOwner('SOURCE_ADMIN_URL', shopUrl());
    const [rows] = await owner.query(asked);
    expect(rows).toMatchObject([{ ...expected, ...utf8 }]);
    await owner.end();

    const source = await connectSource({ name: 'main', connectionEnv: 'SOURCE_URL' } as SourceDefinition, {
      connectionString: shopUrl(),
      statementTimeoutSeconds: 5,
    });
    const seen = await new Promise((resolve, reject) =>
      source.driver.query(asked, (error, found) => (error ? reject(error) : resolve(found))),
    );
    await closeSource(source);
    expect(seen).toMatchObject([
      [expect.not.stringMatching(/BACKSLASH|ANSI/), '+00:00', 'utf8mb4', 'utf8mb4'],
    ]);
  });

  it.each(TEXTS)('the ledger stores %j unchanged, and finds it', async (text) => {
    const sql = sqlOf(ledger);
    await sql.change(
      `INSERT INTO factory_audit (at, who, action, subject, reason, details)
       VALUES (UTC_TIMESTAMP(6), 'spec', 'said', 'session', ?, ?)`,
      [text, JSON.stringify({ text })],
    );
    const found = await sql.rows(
      'SELECT reason, details FROM factory_audit WHERE reason = ? ORDER BY id DESC LIMIT 1',
      [text],
    );
    expect(found).toMatchObject([{ reason: text, details: JSON.stringify({ text }) }]);
    expect(await sql.rows('SELECT COUNT(*) AS found FROM factory_policy')).toHaveLength(1);
  });

  it('the ledger writes by prepared statements', async () => {
    const prepared = async (): Promise<number> => {
      const [row] = await sqlOf(ledger).rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
      return Number(row?.['Value']);
    };
    const before = await prepared();
    await sqlOf(ledger).change("UPDATE factory_audit SET reason = ? WHERE who = 'nobody'", ['x']);
    expect((await prepared()) - before).toBeGreaterThanOrEqual(1);
  });

  it('import and simulation store texts unchanged', async () => {
    const owner = await connectAsOwner('SOURCE_ADMIN_URL', shopUrl());
    await owner.query('CREATE TABLE texts (id int, said varchar(200)) CHARACTER SET utf8mb4');
    const rows = new BulkInsert(owner, 'texts', ['id', 'said']);
    TEXTS.forEach((text, id) => rows.add([id, text]));
    await rows.finish();
    const [stored] = await owner.query('SELECT said FROM texts ORDER BY id');
    await owner.end();
    expect(stored).toEqual(TEXTS.map((said) => ({ said })));
  });

  it('without the session statements the same texts would be changed: the server’s settings are effective', async () => {
    const plain = await createConnection(shopUrl());
    await plain.query('CREATE TABLE plain (said varchar(200)) CHARACTER SET utf8mb4');
    await expect(plain.query('INSERT INTO plain VALUES (?)', [TEXTS[1]])).rejects.toThrow(/syntax/i);
    for (const statement of SESSION_STATEMENTS) await plain.query(statement);
    await plain.query('INSERT INTO plain VALUES (?)', [TEXTS[1]]);
    const [stored] = await plain.query('SELECT said FROM plain');
    await plain.end();
    expect(stored).toEqual([{ said: TEXTS[1] }]);
  });
});
