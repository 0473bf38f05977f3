import type { ModelKey } from '@factory/domain';
import {
  Champions,
  auditOf,
  connectLedger,
  inTransaction,
  migrateLedger,
  replaceChampion,
  type StoredEvent,
} from '@factory/ledger';
import { S3ObjectStore, championKey, s3ConfigSchema, versionFileKey } from '@factory/object-store';
import { freshBucketPrefix, freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { lookAtPointer, writeChampionPointer } from './champion-pointer';
import { ChampionRepair } from './champion-repair';
import { rollback, type RollbackStore } from './rollback';
import { storeBundle } from './spec-bundle';
import { versionInForce } from './version-in-force';

const RUNS = ['0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111', '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a222'] as const;
const change = { who: 'ann', reason: 'drift' };
const fresh = freshBucketPrefix('rollback');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let database: FreshDatabase;
let ledger: DataSource;
let champions: Champions;
/** A new product for each spec: v1 was in force, v2 is. */
let key: ModelKey;
let product = 0;
let announced: StoredEvent[];

beforeAll(async () => {
  database = await freshDatabase();
  ledger = await connectLedger(database.url);
  await migrateLedger(ledger);
  champions = new Champions(ledger);
});
beforeEach(async () => {
  announced = [];
  key = { source: 'main', product: ++product, goal: 'sale' };
  for (const [epoch, run] of RUNS.entries()) {
    const next = await storeBundle(store, key, `v${epoch + 1}`, run, epoch - 2);
    await inTransaction(ledger, (sql) => replaceChampion(sql, next, epoch));
  }
  await new ChampionRepair(store, champions).repair(key);
});
afterAll(async () => {
  await ledger?.destroy();
  store.close();
  await Promise.all([database?.dispose(), fresh.dispose()]);
});

const rollBack = (to?: string, on: RollbackStore = store) =>
  rollback(ledger, on, { key, change, ...(to === undefined ? {} : { to }) }, (events) => {
    announced.push(...events);
    return Promise.resolve();
  });
const pointer = async () => {
  const there = await lookAtPointer(store, championKey(key));
  return there.kind === 'read' ? there.pointer : undefined;
};

describe('rolling back', () => {
  it('puts the previous version in force: database, audit, pointer and event', async () => {
    const result = await rollBack();
    expect(result).toEqual({ ...key, from: 'v2', to: 'v1', epoch: 3, result: 'rolled-back' });
    const champion = await champions.find(key);
    expect(champion).toMatchObject({ version: 'v1', previousVersion: 'v2', epoch: 3, run: RUNS[0] });
    expect(await pointer()).toMatchObject({ version: 'v1', epoch: 3 });
    const { version, location, manifestSha256 } = champion!;
    expect(announced).toMatchObject([
      {
        event: 'model.published',
        shard: 'rollback-3',
        body: { ...key, run: RUNS[0], version, location, manifestSha256, epoch: 3 },
      },
    ]);
    expect(await auditOf(ledger, `main/sale/${key.product}`)).toMatchObject([
      { ...change, action: 'rollback', details: { from: 'v2', to: 'v1', epoch: 3 } },
    ]);
    const chosen = { version: 'v1', manifestSha256 };
    expect(await versionInForce(store, key, champions)).toEqual({ ...chosen, chosenBy: 'database' });
    expect(await versionInForce(store, key)).toEqual({ ...chosen, chosenBy: 'champion.json' });
  });

  it('done twice reverts it', async () => {
    await rollBack();
    expect(await rollBack()).toMatchObject({ from: 'v1', to: 'v2', epoch: 4 });
  });

  it('to the version in force only repairs the pointer, even one that is ahead of the database', async () => {
    const right = await pointer();
    await writeChampionPointer(store, championKey(key), { ...right!, version: 'v9', epoch: 9 });
    expect(await rollBack('v2')).toEqual({ ...key, from: 'v2', to: 'v2', epoch: 2, result: 'repaired' });
    expect(await pointer()).toEqual(right);
    expect(announced).toEqual([]);
    expect(await auditOf(ledger, `main/sale/${key.product}`)).toEqual([]);
  });

  it('changes nothing while champion.json is of a later release', async () => {
    const later = '{"schemaVersion":3,"epoch":2}';
    await store.put(championKey(key), later, { contentType: 'application/json' });
    await expect(rollBack()).rejects.toMatchObject({ code: 'newer-version' });
    expect(await champions.find(key)).toMatchObject({ version: 'v2', epoch: 2 });
    expect(String(await store.get(championKey(key), 'document'))).toBe(later);
    expect(announced).toEqual([]);
  });

  it.each([
    ['a version that does not exist', 'v9', 'unknown-version'],
    ['the bundle of another model', 'foreign', 'foreign-version'],
    ['a broken bundle', 'broken', 'sha256-mismatch'],
  ])('to %s changes nothing', async (_what, to, code) => {
    const other = { ...key, goal: 'signup' };
    await storeBundle(store, other, 'foreign', RUNS[0], 0);
    await storeBundle(store, key, 'broken', RUNS[0], 0);
    for (const { key: file } of await store.list(`models/main/signup/${key.product}/foreign/`))
      await store.put(file.replace('/signup/', '/sale/'), await store.get(file, 'document'), {
        contentType: 'x/y',
      });
    await store.put(versionFileKey(key, 'broken', 'golden.json'), '{}', { contentType: 'x/y' });
    await expect(rollBack(to)).rejects.toMatchObject({ code });
    expect(await champions.find(key)).toMatchObject({ version: 'v2', epoch: 2 });
    expect(await pointer()).toMatchObject({ version: 'v2', epoch: 2 });
    expect(announced).toEqual([]);
  });

  it('gives way to a champion that was published meanwhile', async () => {
    const late: RollbackStore = {
      put: (name, body, options) => store.put(name, body, options),
      locate: (name) => store.locate(name),
      get: async (name, limit) => {
        const next = await champions.find(key);
        if (next?.epoch === 2)
          await inTransaction(ledger, (sql) => replaceChampion(sql, { ...next, version: 'v3' }, 2));
        return store.get(name, limit);
      },
    };
    await expect(rollBack('v1', late)).rejects.toMatchObject({ code: 'superseded' });
    expect(await champions.find(key)).toMatchObject({ version: 'v3', epoch: 3 });
    expect(announced).toEqual([]);
  });

  it('of a model that was never published, or has no previous version, is refused', async () => {
    await expect(
      rollback(ledger, store, { key: { ...key, goal: 'other' }, change }, () => Promise.resolve()),
    ).rejects.toMatchObject({ code: 'no-champion' });
    await expect(versionInForce(store, { ...key, goal: 'other' }, champions)).rejects.toMatchObject({
      code: 'no-champion',
    });
    const first = { ...key, goal: 'first' };
    const next = await storeBundle(store, first, 'v1', RUNS[0], 0);
    await inTransaction(ledger, (sql) => replaceChampion(sql, next, 0));
    await expect(
      rollback(ledger, store, { key: first, change }, () => Promise.resolve()),
    ).rejects.toMatchObject({ code: 'no-previous-version' });
  });
});
