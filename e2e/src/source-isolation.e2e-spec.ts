import { startFactory, until, type Factory, type TcpForwarder } from '@factory/testing';
import { allRuns, whenEnded } from './outcomes';
import { flap, forwardSources, lockVisits, publishRequests } from './troubled-sources';

const TROUBLED = ['dead', 'silent', 'dying', 'flapping'] as const;
type Troubled = (typeof TROUBLED)[number];
/** For each troubled source. */
const REQUESTS = 6;

/**
 * Sources that are unavailable in every way at once, and a healthy one between them: closed from the start, swallowing
 * every packet from the start, falling silent in mid-run, and coming and going each second.
 */
describe('a source that is unavailable', () => {
  let factory: Factory;
  let forwarders: ReadonlyMap<string, TcpForwarder>;
  let stopFlapping: (() => Promise<void>) | undefined;
  let healthyRuns = 0;
  const asked: string[] = [];

  beforeAll(async () => {
    factory = await startFactory({
      shops: [
        { source: 'healthy', products: ['1:3000:0.1'] },
        ...TROUBLED.map((source) => ({ source, products: ['1:3000:0.1', '2:3000:0.1', '3:3000:0.1'] })),
      ],
      policy: { grid: 'quick', epochs: 2, minSales: 50 },
      services: 0,
      env: { SWEEP_SECONDS: '1', WORKERS: '2' },
    });
    forwarders = await forwardSources(factory, TROUBLED);
    await forwarderOf('dead').close();
    forwarderOf('silent').swallow(true);
    await factory.startServices();
  }, 180_000);

  afterAll(async () => {
    await stopFlapping?.();
    await factory?.dispose();
    for (const forwarder of forwarders?.values() ?? []) await forwarder.close().catch(() => undefined);
  }, 90_000);

  const forwarderOf = (source: Troubled): TcpForwarder => forwarders.get(source) as TcpForwarder;
  const ask = async (source: Troubled) => asked.push(...(await publishRequests(factory, source, REQUESTS)));

  /** A healthy retrain ends as it should, with no attempt used and nothing claimed twice. */
  async function expectHealthyRetrain(): Promise<void> {
    const waited = await factory.cli('retrain', '--source', 'healthy', '--wait', '--timeout', '90', '--json');
    expect({ code: waited.code, text: waited.stderr }).toMatchObject({ code: 0 });
    healthyRuns++;
    const runs = (await allRuns(factory)).filter(({ source }) => source === 'healthy');
    expect(runs).toHaveLength(healthyRuns);
    for (const { outcome } of runs) expect(['published', 'kept', 'rejected']).toContain(outcome);
    expect(
      await factory.rows(
        `SELECT s.* FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
          WHERE r.source = 'healthy' AND (s.attempt > 0 OR (s.token <> 1 AND s.stage <> 'gather'))`,
      ),
    ).toEqual([]);
  }

  const openUnits = (source: Troubled, status: string) =>
    factory.rows<{ stage: string }>(
      `SELECT s.stage FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
        WHERE r.source = ? AND s.status = ?`,
      [source, status],
    );

  it('from the start keeps no request of another source waiting, and says what waits for it', async () => {
    await ask('dead');
    await ask('silent');
    await expectHealthyRetrain();
    const waiting = `, 0 runs and ${REQUESTS} requests that cannot be taken`;
    await until(
      async () => {
        const { stdout } = await factory.cli('runs');
        return (['dead', 'silent'] as const).every((source) =>
          stdout
            .split('\n')
            .some(
              (line) =>
                line.startsWith(`waiting: source ${source} is unavailable since`) && line.endsWith(waiting),
            ),
        );
      },
      { what: 'runs says that all requests wait', timeoutMs: 60_000, everyMs: 1_000 },
    );
    const request = await factory.cli('runs', '--request', asked[0] as string);
    expect(request.stdout).toMatch(/^request dead-1-\d+ is waiting: source dead is unavailable since/);
    const dataPrep = factory.apps.find(({ name }) => name === 'data-prep')!;
    const metrics = await (await fetch(dataPrep.url('/metrics'))).text();
    expect(metrics).toContain(`factory_source_waiting_requests{source="dead"} ${REQUESTS}`);
    expect(metrics).toContain('factory_source_waiting_requests{source="healthy"} 0');
    expect(metrics).toContain('factory_source_unavailable{source="silent",why="unreachable"} 1');
    expect((await fetch(dataPrep.url('/health/ready'))).status).toBe(200);
  }, 180_000);

  it('in mid-run, without a word, gives the slots back that its runs hold', async () => {
    const unlock = await lockVisits(factory, 'dying');
    try {
      await ask('dying');
      await until(async () => (await openUnits('dying', 'leased')).length >= 1, {
        what: 'runs of the source are under way',
        timeoutMs: 60_000,
      });
      forwarderOf('dying').swallow(true);
      await expectHealthyRetrain();
      await until(async () => (await openUnits('dying', 'leased')).length === 0, {
        what: 'no slot is held by the source any more',
        timeoutMs: 60_000,
      });
    } finally {
      await unlock();
    }
    await until(
      async () => {
        const { stdout } = await factory.cli('runs', '--source', 'dying');
        return /waiting: source dying is unavailable since .*, 3 runs/.test(stdout);
      },
      { what: 'runs says that its runs wait', timeoutMs: 90_000, everyMs: 1_000 },
    );
  }, 240_000);

  it('now and then makes nobody else slow', async () => {
    stopFlapping = flap(forwarderOf('flapping'), 1_000);
    await ask('flapping');
    await expectHealthyRetrain();
    await expectHealthyRetrain();
  }, 200_000);

  it('has its runs end as they should when it is back: no attempt was used, no message lost', async () => {
    await stopFlapping?.();
    await forwarderOf('dead').reopen();
    for (const source of ['silent', 'dying'] as const) {
      forwarderOf(source).swallow(false);
      forwarderOf(source).cut();
    }
    const answered = () =>
      factory.rows<{ n: number }>(
        `SELECT request_key FROM factory_request_run WHERE request_key IN (${asked.map(() => '?').join(', ')})
          GROUP BY request_key HAVING COUNT(*) = 3`,
        asked,
      );
    await until(async () => (await answered()).length === asked.length, {
      what: 'every request is answered for every product',
      timeoutMs: 150_000,
      everyMs: 1_000,
    });
    const all = await whenEnded(factory, (await allRuns(factory)).length, 240_000);
    expect(all.filter(({ outcome }) => outcome === 'failed' || outcome === 'cancelled')).toEqual([]);
    for (const source of TROUBLED)
      expect(all.filter((run) => run.source === source).length).toBeGreaterThanOrEqual(3);
    expect(await factory.rows('SELECT * FROM factory_stage WHERE attempt > 0')).toEqual([]);
    expect(await factory.json('dead', 'list')).toEqual([]);
    expect((await factory.cli('runs')).stdout).not.toContain('waiting:');
  }, 400_000);
});
