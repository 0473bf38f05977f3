import { SourceAwayError, SourceWaitError } from '@factory/domain';
import { connectLedger, migrateLedger, SourceWaits, sqlOf } from '@factory/ledger';
import { connectBroker, factoryPlan, provision } from '@factory/messaging';
import { SourceAccess, SourceGate, SourcesFile } from '@factory/source';
import {
  freshDatabase,
  restartableServer,
  testServers,
  until,
  type FreshDatabase,
  type RestartableServer,
} from '@factory/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { SourcePatience } from './source-patience';
import { messageOf, SpecProcess, World } from './spec-chain';

const SOURCES = `sources:
  main:
    connectionEnv: SHOP_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg, key: visit_id, missing: zero }]
`;
const GRACE_SECONDS = 600;
const cause = new Error('from the server');
const GONE = new SourceAwayError('main', 'unreachable', { cause });
const REFUSED = new SourceAwayError('main', 'refused', { cause });

describe('a run whose source is unavailable', () => {
  let broker: RestartableServer;
  let database: FreshDatabase;
  let connection: NatsConnection;
  let dataSource: DataSource;
  let world: World;
  let waits: SourceWaits;
  let fault: SourceAwayError | undefined;

  beforeAll(async () => {
    [broker, database] = await Promise.all([restartableServer('broker'), freshDatabase()]);
    connection = await connectBroker({ url: broker.env['NATS_URL']!, name: 'spec' });
    await provision(connection, factoryPlan());
    dataSource = await connectLedger(database.url);
    await migrateLedger(dataSource);
    world = new World(connection, dataSource);
    waits = new SourceWaits(dataSource);
  }, 60_000);

  beforeEach(async () => {
    fault = undefined;
    world.worked.length = 0;
    await sqlOf(dataSource).change(
      "UPDATE factory_run SET outcome = 'cancelled', active = NULL WHERE outcome IS NULL",
    );
    await sqlOf(dataSource).change('DELETE FROM factory_request_wait');
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await connection?.close();
    await Promise.all([broker?.dispose(), database?.dispose()]);
  }, 60_000);

  const patience = () => {
    const gate = new SourceGate({ probe: () => Promise.resolve(fault), sourceConcurrency: 9, slots: 9 });
    return { sources: new SourcePatience(gate, waits, GRACE_SECONDS) };
  };
  const sinceSeconds = (run: string, seconds: number) =>
    sqlOf(dataSource).change(
      'UPDATE factory_stage SET refused_since = refused_since - INTERVAL ? SECOND WHERE run_id = ?',
      [seconds, run],
    );

  it.each([
    ['an invalid source in its place', (text: string) => text.replace('  main:', '  Main:')],
    ['no source', () => 'sources: {}'],
    ['nothing that is YAML', () => 'sources: ['],
  ])(
    'waits, whatever was configured before, while sources.yaml has %s',
    async (_what, spoil) => {
      const event = await world.commitRun();
      const folder = mkdtempSync(join(tmpdir(), 'patience-'));
      const path = join(folder, 'sources.yaml');
      writeFileSync(path, spoil(SOURCES));
      const access = new SourceAccess(SourcesFile.watch(path), {
        variable: () => testServers().sourceAdminUrl,
        service: { slots: 2 },
      });
      const sources = { sources: new SourcePatience(access.gate, waits, GRACE_SECONDS) };
      const process = new SpecProcess(world, 'restarted');
      for (let delivery = 0; delivery < 2; delivery++)
        expect(await process.handle('data-prep', messageOf(event), undefined, sources)).toMatchObject({
          kind: 'waiting',
          error: { code: 'source-missing' },
        });
      expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
      expect(await waits.bySource()).toMatchObject([{ source: 'main', refused: false, runs: 1 }]);
      writeFileSync(path, SOURCES);
      await until(
        async () =>
          (await process.handle('data-prep', messageOf(event), undefined, sources)).kind === 'done' ||
          undefined,
        { what: 'the run goes on', timeoutMs: 20_000, everyMs: 250 },
      );
      rmSync(folder, { recursive: true });
    },
    60_000,
  );

  it('is given back before it is claimed, and the ledger shows what it waits for', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'waits');
    const sources = patience();
    fault = GONE;
    for (let delivery = 0; delivery < 3; delivery++) {
      const outcome = await process.handle('data-prep', messageOf(event), undefined, sources);
      expect(outcome).toMatchObject({ kind: 'waiting', error: { code: 'source-away', source: 'main' } });
      expect((outcome as { delayMs: number }).delayMs).toBeGreaterThanOrEqual(1_000);
    }
    expect(world.worked).toEqual([]);
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({
      status: 'queued',
      attempt: 0,
      token: 0,
    });
    expect(await waits.bySource()).toMatchObject([{ source: 'main', refused: false, runs: 1, requests: 0 }]);
    expect((await waits.ofRuns([event.run])).get(event.run)).toMatchObject({
      source: 'main',
      refused: false,
    });
    fault = undefined;
    const later = patience();
    expect(await process.handle('data-prep', messageOf(event), undefined, later)).toEqual({ kind: 'done' });
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'done', attempt: 0, token: 1 });
    expect(await waits.bySource()).toEqual([]);
  });

  it('releases its claim without using an attempt if the source fails during the work', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'cut off');
    const sources = patience();
    for (const thrown of [GONE, new SourceWaitError('main', 700, null)]) {
      const outcome = await process.handle(
        'data-prep',
        messageOf(event),
        () => Promise.reject(thrown),
        sources,
      );
      expect(outcome).toMatchObject({ kind: 'waiting', error: thrown });
    }
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({
      status: 'queued',
      attempt: 0,
      token: 2,
    });
  });

  it('changes nothing for others: leases of dead processes are taken over meanwhile', async () => {
    const [dead, other] = [await world.commitRun(), await world.commitRun()];
    const process = new SpecProcess(world, 'goes on');
    const crash = { stage: 'data-prep', before: 'work' } as const;
    const mortal = new SpecProcess(world, 'dies', crash);
    void mortal.handle('data-prep', messageOf(other));
    await mortal.died;
    await world.expireLeases();
    const cutOff = await process.handle('data-prep', messageOf(dead), () => Promise.reject(GONE), patience());
    expect(cutOff.kind).toBe('waiting');
    expect(await process.handle('data-prep', messageOf(other), undefined, patience())).toEqual({
      kind: 'done',
    });
    expect(await world.stage(other.run, 'data-prep')).toMatchObject({ attempt: 1, token: 2 });
  });

  it('waits while its account is refused, and after the grace period fails with what to do', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'refused');
    fault = REFUSED;
    const handle = () => process.handle('data-prep', messageOf(event), undefined, patience());
    expect(await handle()).toMatchObject({ kind: 'waiting' });
    expect(await waits.bySource()).toMatchObject([{ source: 'main', refused: true, runs: 1 }]);
    await sinceSeconds(event.run, GRACE_SECONDS - 30);
    expect(await handle()).toMatchObject({ kind: 'waiting' });
    await sinceSeconds(event.run, 31);
    expect(await handle()).toEqual({ kind: 'ended' });
    const run = await world.runs.find(event.run);
    expect(run).toMatchObject({ outcome: 'failed', reason: 'source-access-denied' });
    expect(run.details?.['message']).toMatch(/sources\.main .*refused for 60\d s.*correct its password/);
    expect(world.worked.length).toBeLessThanOrEqual(1);
    expect(await waits.bySource()).toEqual([]);
    await world.runs.resume(event.run, { who: 'spec', reason: 'password corrected' });
    expect(await handle()).toMatchObject({ kind: 'waiting' });
  });

  it('restarts its grace period if the source was unreachable meanwhile', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'moves');
    const handle = () => process.handle('data-prep', messageOf(event), undefined, patience());
    fault = REFUSED;
    await handle();
    await sinceSeconds(event.run, 10 * GRACE_SECONDS);
    fault = GONE;
    expect(await handle()).toMatchObject({ kind: 'waiting' });
    fault = REFUSED;
    expect(await handle()).toMatchObject({ kind: 'waiting' });
  });

  it('keeps its grace period running while it can connect and only its tables are refused', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'no grant');
    const handle = () =>
      process.handle('data-prep', messageOf(event), () => Promise.reject(REFUSED), patience());
    expect(await handle()).toMatchObject({ kind: 'waiting' });
    await sinceSeconds(event.run, GRACE_SECONDS);
    expect(await handle()).toEqual({ kind: 'ended' });
    expect(await world.runs.find(event.run)).toMatchObject({ reason: 'source-access-denied' });
  });

  it('is recorded at intervals, not on each redelivery', async () => {
    const event = await world.commitRun();
    let at = 0;
    const refusal = new SourceWaitError('main', 1_000, REFUSED);
    const kept = { recorded: 0 };
    const counting = {
      recordWork: (...given: Parameters<SourceWaits['recordWork']>) => {
        kept.recorded++;
        return waits.recordWork(...given);
      },
      recordRequest: waits.recordRequest.bind(waits),
      forgetRequest: waits.forgetRequest.bind(waits),
    };
    const sources = new SourcePatience(undefined, counting, GRACE_SECONDS, () => at);
    const work = { run: event.run, stage: 'data-prep', shard: '0' };
    for (; at < 60_000; at += 100) expect(await sources.workWaits(work, refusal)).toBe(true);
    expect(kept.recorded).toBe(2);
    await sources.workWaits(work, new SourceWaitError('main', 1_000, GONE));
    expect(kept.recorded).toBe(3);
    await sinceSeconds(event.run, 0);
    await sources.workWaits(work, refusal);
    await sinceSeconds(event.run, GRACE_SECONDS);
    at += GRACE_SECONDS * 1_000 + 1_000;
    await expect(sources.workWaits(work, refusal)).rejects.toMatchObject({ code: 'source-access-denied' });
  });

  it('stops waiting when it is cancelled', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'cancelled');
    fault = GONE;
    const handle = () => process.handle('data-prep', messageOf(event), undefined, patience());
    expect(await handle()).toMatchObject({ kind: 'waiting' });
    await world.runs.cancel(event.run, { who: 'spec', reason: 'enough' });
    expect(await handle()).toEqual({ kind: 'ended' });
    expect(await waits.bySource()).toEqual([]);
  });

  it('waits as requests do that cannot be accepted, which fail after the same time', async () => {
    const { sources } = patience();
    await sources.requestWaits('r1', GONE);
    await sources.requestWaits('r2', new SourceWaitError('main', 1_000, REFUSED));
    await sources.requestWaits('r3', new SourceWaitError('main', 1_000, null));
    expect(await waits.bySource()).toMatchObject([{ source: 'main', refused: true, runs: 0, requests: 2 }]);
    expect(await waits.ofRequest('r1')).toMatchObject({ source: 'main', refused: false });
    await sqlOf(dataSource).change(
      'UPDATE factory_request_wait SET refused_since = refused_since - INTERVAL 600 SECOND',
    );
    await expect(patience().sources.requestWaits('r2', REFUSED)).rejects.toMatchObject({
      code: 'source-access-denied',
    });
    await sources.requestEnded('r1');
    expect(await waits.bySource()).toEqual([]);
  });
});
