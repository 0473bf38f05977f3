import type { ModelKey } from '@factory/domain';
import {
  Champions,
  connectLedger,
  inTransaction,
  migrateLedger,
  replaceChampion,
  type NewChampion,
} from '@factory/ledger';
import { championKey, S3ObjectStore, s3ConfigSchema } from '@factory/object-store';
import { freshBucketPrefix, freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { lookAtPointer, type ChampionPointer } from './champion-pointer';
import { ChampionRepair } from './champion-repair';

const fresh = freshBucketPrefix('repair');
const storeAt = (more: object = {}): S3ObjectStore =>
  new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix, ...more }));
const store = storeAt();
let database: FreshDatabase;
let dataSource: DataSource;
let repair: ChampionRepair;
let product = 0;

beforeAll(async () => {
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  repair = new ChampionRepair(store, new Champions(dataSource));
});
beforeEach(() => dataSource.query('DELETE FROM attrib_propensity_model'));
afterAll(async () => {
  await dataSource?.destroy();
  store.close();
  await Promise.all([database?.dispose(), fresh.dispose()]);
});

const newChampion = (key: ModelKey, version: string): NewChampion => ({
  ...key,
  version,
  location: `s3://bucket/models/${version}/`,
  manifestSha256: 'a'.repeat(64),
  run: '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111',
  metrics: {},
});

/** Puts `versions` in force one after the other, for a new product. */
async function inForce(...versions: readonly string[]): Promise<ModelKey> {
  const key = { source: 'main', product: ++product, goal: 'sale' };
  for (const [epoch, version] of versions.entries())
    await inTransaction(dataSource, (sql) => replaceChampion(sql, newChampion(key, version), epoch));
  return key;
}

const pointerOf = async (key: ModelKey): Promise<ChampionPointer | undefined> => {
  const there = await lookAtPointer(store, championKey(key));
  return there.kind === 'read' ? there.pointer : undefined;
};
const write = (key: ModelKey, body: string): Promise<void> =>
  store.put(championKey(key), body, { contentType: 'application/json' });

describe('repairing champion.json', () => {
  it('writes the first pointer of a champion', async () => {
    const key = await inForce('v1', 'v2');
    expect(await repair.repair(key)).toBe(true);
    const champion = await new Champions(dataSource).find(key);
    expect(await pointerOf(key)).toEqual({
      version: 'v2',
      location: 's3://bucket/models/v2/',
      manifestSha256: 'a'.repeat(64),
      epoch: 2,
      since: champion!.since.toISOString(),
    });
  });

  test.each<[string, (right: ChampionPointer) => string]>([
    ['an older epoch', (right) => JSON.stringify({ ...right, version: 'v1', epoch: 1 })],
    ['an epoch that the database never reached', (right) => JSON.stringify({ ...right, epoch: 9 })],
    ['another version under the right epoch', (right) => JSON.stringify({ ...right, version: 'v0' })],
    ['another hash', (right) => JSON.stringify({ ...right, manifestSha256: 'b'.repeat(64) })],
    ['a broken pointer that is ahead', () => '{"version": "v9", "epoch": 9}'],
    ['broken JSON', () => '{"version": "v2", '],
    ['JSON of something else', () => '[]'],
    ['nothing at all', () => ''],
  ])('replaces %s by the champion of the database, once', async (_case, wrong) => {
    const key = await inForce('v1', 'v2');
    await repair.repair(key);
    const right = (await pointerOf(key))!;
    await write(key, wrong(right));
    expect(await repair.repairAll()).toEqual({ repaired: [key], ofLaterRelease: [] });
    expect(await pointerOf(key)).toEqual(right);
    expect(await repair.repairAll()).toEqual({ repaired: [], ofLaterRelease: [] });
  });

  it('writes every missing pointer and does not touch correct ones', async () => {
    const right = await inForce('v1');
    await repair.repair(right);
    const missing = [await inForce('v1'), await inForce('v1', 'v2')];
    expect(await repair.repairAll()).toEqual({ repaired: missing, ofLaterRelease: [] });
    expect((await pointerOf(missing[1]!))?.epoch).toBe(2);
  });

  it('leaves a pointer of a later release to that release, and goes on with the others', async () => {
    const [behind, level, ahead, odd] = [
      await inForce('v1', 'v2'),
      await inForce('v1', 'v2'),
      await inForce('v1', 'v2'),
      await inForce('v1', 'v2'),
    ];
    const later = new Map<ModelKey, string>([
      [behind, '{"schemaVersion":3,"epoch":1}'],
      [level, '{"schemaVersion":3,"epoch":2}'],
      [ahead, '{"schemaVersion":3,"epoch":9}'],
      [odd, '{"schemaVersion":3,"epoch":{"at":9}}'],
    ]);
    for (const [key, body] of later) await write(key, body);
    const missing = await inForce('v1');
    expect(await repair.repairAll()).toEqual({ repaired: [missing], ofLaterRelease: [behind, odd] });
    for (const key of [level, ahead]) expect(await repair.repair(key)).toBe(false);
    for (const key of [behind, odd])
      await expect(repair.repair(key)).rejects.toMatchObject({ code: 'newer-version' });
    for (const [key, body] of later) expect(String(await store.get(championKey(key), 'document'))).toBe(body);
  });

  it('replaces a pointer that is too large to be read, without reading it, and goes on with the others', async () => {
    const small = storeAt({ maxDocumentBytes: 4_096 });
    const flooded = await inForce('v1');
    const missing = await inForce('v1');
    const right = await inForce('v1');
    await repair.repair(right);
    await write(flooded, `${' '.repeat(100_000)}{}`);
    const bounded = new ChampionRepair(small, new Champions(dataSource));
    expect(await bounded.repairAll()).toEqual({ repaired: [flooded, missing], ofLaterRelease: [] });
    expect(await pointerOf(flooded)).toMatchObject({ version: 'v1', epoch: 1 });
    small.close();
  });

  it('does nothing if nothing is in force', async () => {
    const key = { source: 'main', product: 9_999, goal: 'sale' };
    expect(await repair.repair(key)).toBe(false);
    expect(await pointerOf(key)).toBeUndefined();
  });

  it('never restores a champion that was replaced during the repair', async () => {
    const key = await inForce('v1');
    const champions = new Champions(dataSource);
    const late = new ChampionRepair(store, {
      list: () => champions.list(),
      find: async (of) => {
        const old = await champions.find(of);
        await inTransaction(dataSource, (sql) => replaceChampion(sql, newChampion(key, 'v2'), 1));
        await repair.repair(key);
        return old;
      },
    });
    expect(await late.repair(key)).toBe(false);
    expect(await pointerOf(key)).toMatchObject({ version: 'v2', epoch: 2 });
  });

  it('does not treat an unavailable store as a missing pointer', async () => {
    await inForce('v1');
    const away = storeAt({ endpoint: 'http://127.0.0.1:1' });
    await expect(new ChampionRepair(away, new Champions(dataSource)).repairAll()).rejects.toMatchObject({
      code: 'store-away',
    });
    away.close();
  });
});
