import { TcpForwarder, restartableServer, type RestartableServer } from '@factory/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { SpecLedger, draft, result } from '../spec-ledger';
import { connectLedger, ledgerDataSourceOptions, migrateLedger } from './data-source';
import { inTransaction, sqlOf } from './transaction';

/** Each administrative statement of a spec starts a process. */
jest.setTimeout(30_000);

/** A change that matches no row: a writer executes it, a read-only server refuses it. */
const WRITE = 'UPDATE factory_run SET stage = stage WHERE FALSE';

/** 5^14 rows. Not SLEEP, which MySQL interrupts without an error. */
const FIVE = '(SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)';
const ENDLESS = `SELECT COUNT(*) FROM ${Array.from({ length: 14 }, (_, at) => `${FIVE} t${at}`).join(' JOIN ')}`;

let [writer, other]: RestartableServer[] = [];
let address: TcpForwarder;
let ledger: SpecLedger;

const urlOf = (server: RestartableServer | undefined) =>
  new URL(server?.env['FACTORY_DATABASE_URL'] ?? 'mysql://none');
const portOf = (server: RestartableServer | undefined) => Number(urlOf(server).port);
const targetOf = (server: RestartableServer | undefined) => ({ host: '127.0.0.1', port: portOf(server) });
const sql = () => sqlOf(ledger.dataSource);
const change = () => sql().change(WRITE);
const portNow = async () => Number((await sql().rows('SELECT @@port AS port'))[0]?.['port']);
const fillPool = () => Promise.all(Array.from({ length: 8 }, () => sql().rows('SELECT SLEEP(0.05)')));
/** Repeats until it works, and counts the failures. */
async function untilChanged(): Promise<{ failures: string[]; ms: number }> {
  const began = performance.now();
  const failures: string[] = [];
  for (;;) {
    try {
      await change();
      return { failures, ms: performance.now() - began };
    } catch (error) {
      failures.push((error as { code: string }).code);
      if (failures.length > 40) return { failures, ms: NaN };
      await sleep(50);
    }
  }
}

beforeAll(async () => {
  [writer, other] = await Promise.all([restartableServer('database'), restartableServer('database')]);
  address = await TcpForwarder.open(targetOf(writer));
  const url = urlOf(writer);
  url.port = String(address.port);
  // The other server has the same account and tables, like a replica.
  await other.administer(`ALTER USER 'factory'@'%' IDENTIFIED BY '${url.password}'`);
  const there = urlOf(other);
  there.password = url.password;
  const replica = await connectLedger(there.href);
  await migrateLedger(replica);
  await replica.destroy();
  ledger = await SpecLedger.open({ url: url.href, dispose: () => Promise.resolve() });
}, 120_000);

afterAll(async () => {
  await ledger?.close();
  await address?.close();
  await Promise.all([writer?.dispose(), other?.dispose()]);
}, 60_000);

describe('a failover of the ledger', () => {
  it('the pool leaves the former writer at the first refused statement', async () => {
    await fillPool();
    expect(address.connections).toBeGreaterThanOrEqual(4);
    expect(await portNow()).toBe(portOf(writer));
    address.target = targetOf(other);
    await writer?.administer('SET GLOBAL read_only = 1');
    try {
      await expect(change()).rejects.toMatchObject({
        code: 'database-read-only',
        message: expect.stringMatching(
          /the database is read-only .*--read-only.*point its address to the writer/,
        ),
      });
      // No second statement reaches the former writer: all its connections are closed.
      await Promise.all(Array.from({ length: 16 }, change));
      const ports = await Promise.all(Array.from({ length: 8 }, portNow));
      expect(new Set(ports)).toEqual(new Set([portOf(other)]));
    } finally {
      await writer?.administer('SET GLOBAL read_only = 0');
      address.target = targetOf(writer);
      await other?.administer('SET GLOBAL read_only = 1');
      await change().catch(() => undefined);
      await other?.administer('SET GLOBAL read_only = 0');
    }
  });

  it('a transaction of several statements on it is rolled back and leaves it, too', async () => {
    await fillPool();
    const claim = await ledger.claimed(await ledger.startRun());
    await writer?.administer('SET GLOBAL read_only = 1');
    const done = result(draft('data.prepared'));
    await expect(ledger.commits.complete(claim, done, 1)).rejects.toMatchObject({
      code: 'database-read-only',
    });
    await writer?.administer('SET GLOBAL read_only = 0');
    expect(await ledger.commits.complete(claim, done, 1)).toHaveLength(1);
    const [row] = await ledger.rows('SELECT attempt FROM factory_stage WHERE run_id = ? AND stage = ?', [
      claim.run,
      'data-prep',
    ]);
    expect(Number(row?.['attempt'])).toBe(0);
  });

  it('a server that does not answer is left after the timeout, with all its connections', async () => {
    const url = urlOf(writer);
    url.port = String(address.port);
    const impatient = new DataSource(ledgerDataSourceOptions(url.href, { answerTimeoutMs: 400 }));
    await impatient.initialize();
    const there = sqlOf(impatient);
    await Promise.all(Array.from({ length: 4 }, () => there.rows('SELECT SLEEP(0.05)')));
    address.swallow(true);
    const began = performance.now();
    await expect(there.change(WRITE)).rejects.toMatchObject({ code: 'database-away' });
    expect(performance.now() - began).toBeLessThan(10_000);
    address.swallow(false);
    await Promise.all(Array.from({ length: 8 }, () => there.change(WRITE)));
    await impatient.destroy();
  });
});

describe('a ledger that', () => {
  it('shuts down in order and starts again', async () => {
    await fillPool();
    // MySQL interrupts a SLEEP as if it had completed: the statement after it gets the error.
    const twice = 'SELECT SLEEP(5) FROM (SELECT 1 UNION ALL SELECT 2) AS twice';
    const inFlight = Promise.allSettled(Array.from({ length: 4 }, () => sql().rows(twice)));
    await sleep(100);
    await writer?.kill('SIGTERM');
    for (const one of await inFlight)
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'database-away', why: 'unreachable' },
      });
    await expect(change()).rejects.toMatchObject({ code: 'database-away' });
    await writer?.start();
    const { failures, ms } = await untilChanged();
    expect(failures.length).toBeLessThanOrEqual(1);
    expect(ms).toBeLessThan(10_000);
  });

  it('has its connections killed', async () => {
    const [row] = await sql().rows('SELECT CONNECTION_ID() AS id');
    const sleeping = expect(sql().rows('SELECT SLEEP(5), 1')).rejects.toMatchObject({
      code: 'database-away',
    });
    await sleep(100);
    await writer?.endSessions('factory');
    await sleeping;
    expect(Number((await sql().rows('SELECT CONNECTION_ID() AS id'))[0]?.['id'])).not.toBe(
      Number(row?.['id']),
    );
  });

  it('has its password rotated: refused meanwhile, available immediately when it is restored', async () => {
    const { password } = urlOf(writer);
    await fillPool();
    await writer?.administer("ALTER USER 'factory'@'%' IDENTIFIED BY 'rotated'");
    await writer?.endSessions('factory');
    const refused = { code: 'database-access-denied', why: 'refused' };
    await change().catch(() => undefined);
    await expect(change()).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('the database refuses the account (Access denied for user'),
    });
    await expect(change()).rejects.toMatchObject(refused);
    await writer?.administer(`ALTER USER 'factory'@'%' IDENTIFIED BY '${password}'`);
    await change();
  });

  it('revokes a privilege: when granted again it applies immediately, without a restart', async () => {
    await fillPool();
    await writer?.administer(
      "REVOKE ALL PRIVILEGES ON `factory%`.* FROM 'factory'@'%'",
      "GRANT SELECT ON `factory%`.* TO 'factory'@'%'",
    );
    await writer?.endSessions('factory');
    await change().catch(() => undefined);
    await expect(change()).rejects.toMatchObject({
      code: 'database-access-denied',
      message: expect.stringContaining('UPDATE command denied to user'),
    });
    await writer?.administer("GRANT ALL PRIVILEGES ON `factory%`.* TO 'factory'@'%'");
    await change();
  });

  it('limits the connections of the account: busy, while existing connections go on', async () => {
    await writer?.administer("ALTER USER 'factory'@'%' WITH MAX_USER_CONNECTIONS 2");
    await writer?.endSessions('factory');
    await change().catch(() => undefined);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => sql().rows('SELECT SLEEP(0.2)')));
    const failed = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as { code: string }] : []));
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(8);
    for (const { code } of failed) expect(code).toBe('database-busy');
    await writer?.administer("ALTER USER 'factory'@'%' WITH MAX_USER_CONNECTIONS 0");
    await fillPool();
  });

  it('has no free connection', async () => {
    await writer?.administer('SET GLOBAL max_connections = 10');
    await writer?.endSessions('factory');
    const hold = new DataSource(ledgerDataSourceOptions(urlOf(writer).href));
    await hold.initialize();
    const held = Promise.allSettled(Array.from({ length: 8 }, () => sqlOf(hold).rows('SELECT SLEEP(1)')));
    await sleep(200);
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => sql().rows('SELECT SLEEP(0.2)')));
    const codes = all.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    expect(new Set(codes)).toEqual(new Set(['database-busy']));
    await held;
    await hold.destroy();
    await writer?.administer('SET GLOBAL max_connections = 500');
    await fillPool();
  });

  it('rolls back two transactions that deadlock: both are retried and pass', async () => {
    const runs = [await ledger.startRun(), await ledger.startRun()];
    let starts = 0;
    const crosswise = (order: readonly string[]) =>
      inTransaction(ledger.dataSource, async (within) => {
        starts++;
        for (const run of order) {
          await within.change("UPDATE factory_run SET stage = 'x' WHERE run_id = ?", [run]);
          await sleep(50);
        }
      });
    await Promise.all(
      Array.from({ length: 6 }, (_, at) => crosswise(at % 2 === 0 ? runs : [...runs].reverse())),
    );
    expect(starts).toBeGreaterThan(6);
  });

  it('kills a statement: it is retried', async () => {
    let tries = 0;
    const slow = inTransaction(ledger.dataSource, async (within) => {
      const [row] = await within.rows('SELECT CONNECTION_ID() AS id');
      if (++tries === 1) setTimeout(() => void writer?.administer(`KILL QUERY ${String(row?.['id'])}`), 100);
      await within.rows(tries === 1 ? ENDLESS : 'SELECT 1');
      return tries;
    });
    expect(await slow).toBe(2);
  });

  it('has lost the database: missing, with what to do', async () => {
    const gone = urlOf(writer);
    gone.pathname = '/factory_gone';
    await writer?.administer('CREATE DATABASE factory_gone');
    const there = await connectLedger(gone.href);
    await expect(sqlOf(there).change(WRITE)).rejects.toMatchObject({ code: 'database-missing' });
    await migrateLedger(there);
    await sqlOf(there).change(WRITE);
    await writer?.administer('DROP DATABASE factory_gone');
    await expect(sqlOf(there).change(WRITE)).rejects.toMatchObject({
      code: 'database-missing',
      message: expect.stringContaining('create or restore it'),
    });
    await there.destroy();
  });
});
