import { startFactory, until, type Factory, type ServerRole } from '@factory/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenEnded } from './outcomes';

/** Longer than a lease and than JetStream's wait for an answer. */
const LONG_MS = 33_000;
const SHORT_MS = 10_000;

/** Servers of its own, each stopped while a run of every stage is under way. */
describe('a server that goes away in mid-run', () => {
  let factory: Factory;
  let ended = 0;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:8000:0.1', '2:4000:0.1'] }],
      policy: { grid: 'quick', epochs: 15, minSales: 50 },
      own: ['broker', 'database', 'store'],
      env: { SWEEP_SECONDS: '3', WORKERS: '2' },
    });
  }, 180_000);
  afterAll(() => factory?.dispose(), 90_000);

  /** Asks for all products and waits until trials are being trained. */
  async function underWay(): Promise<void> {
    await factory.json('retrain', '--reason', 'outage');
    await until(
      () =>
        factory
          .rows("SELECT 1 FROM factory_stage WHERE stage = 'trials' AND status = 'leased'")
          .then((rows) => rows.length > 0),
      { what: 'trials are trained', timeoutMs: 60_000 },
    );
  }

  async function expectAllWell(): Promise<void> {
    ended += 2;
    const runs = await whenEnded(factory, ended);
    expect(runs.filter(({ outcome }) => outcome !== 'published' && outcome !== 'kept')).toEqual([]);
    const attempts = await factory.rows('SELECT * FROM factory_stage WHERE attempt > 0');
    expect(attempts).toEqual([]);
    await until(
      async () => {
        const sent = await factory.rows(
          "SELECT 1 FROM factory_event WHERE event = 'run.finished' AND stream_sequence IS NOT NULL",
        );
        return sent.length === ended;
      },
      { what: 'the end of every run is announced', timeoutMs: 30_000, everyMs: 250 },
    );
    expect(await factory.json('dead', 'list')).toEqual([]);
  }

  const server = (role: ServerRole) => factory.servers.get(role)!;
  const ledgerPassword = () => new URL(factory.env['FACTORY_DATABASE_URL'] ?? '').password;

  it.each<[ServerRole, number]>([
    ['database', LONG_MS],
    ['store', SHORT_MS],
    ['broker', SHORT_MS],
  ])(
    'waits for the %s (killed, %i ms) and goes on: no attempt is used',
    async (role, ms) => {
      await underWay();
      await server(role).kill();
      await sleep(ms);
      // Away, but alive: nothing restarts the services.
      expect(factory.apps.filter(({ isRunning }) => !isRunning)).toEqual([]);
      await server(role).start();
      await expectAllWell();
    },
    200_000,
  );

  it.each<[what: string, ms: number, begin: () => Promise<void>, end: () => Promise<void>]>([
    [
      'a ledger that is read-only after a failover',
      SHORT_MS,
      () => server('database').administer('SET GLOBAL read_only = 1'),
      () => server('database').administer('SET GLOBAL read_only = 0'),
    ],
    [
      'a ledger that refuses the account',
      LONG_MS,
      async () => {
        await server('database').administer("ALTER USER 'factory'@'%' IDENTIFIED BY 'rotated'");
        await server('database').endSessions('factory');
      },
      () => server('database').administer(`ALTER USER 'factory'@'%' IDENTIFIED BY '${ledgerPassword()}'`),
    ],
    [
      'a store that refuses the key pair',
      SHORT_MS,
      () => server('store').changeStoreKeys('rotated', 'rotated-secret'),
      () =>
        server('store').changeStoreKeys(
          factory.env['S3_ACCESS_KEY_ID'] ?? '',
          factory.env['S3_SECRET_ACCESS_KEY'] ?? '',
        ),
    ],
  ])(
    'waits for %s (%i ms) and goes on: no attempt is used',
    async (_, ms, begin, end) => {
      await underWay();
      await begin();
      try {
        await sleep(ms);
        expect(factory.apps.filter(({ isRunning }) => !isRunning)).toEqual([]);
      } finally {
        await end();
      }
      await expectAllWell();
    },
    200_000,
  );

  it('goes on when the broker has lost everything, once it is provisioned again', async () => {
    const broker = server('broker');
    await underWay();
    await broker.kill();
    await broker.erase();
    await broker.start();
    await factory.json('provision');
    await expectAllWell();
  }, 200_000);

  it('changed the champion once for each version that it published', async () => {
    const champions = await factory.rows<{ epoch: number; versions: number }>(
      `SELECT m.champion_epoch AS epoch, (SELECT COUNT(*) FROM attrib_propensity_model_run r
          WHERE r.source = m.source AND r.product = m.product AND r.outcome = 'published') AS versions
         FROM attrib_propensity_model m`,
    );
    expect(champions).toHaveLength(2);
    for (const { epoch, versions } of champions) expect(Number(epoch)).toBe(Number(versions));
    const published = champions.reduce((sum, { versions }) => sum + Number(versions), 0);
    const manifests = (await factory.keys('models/')).filter((key) => key.endsWith('/manifest.json'));
    expect(manifests).toHaveLength(published);
  });
});
