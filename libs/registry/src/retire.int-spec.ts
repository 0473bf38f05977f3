import type { ModelKey } from '@factory/domain';
import {
  Champions,
  ModelStates,
  auditOf,
  connectLedger,
  inTransaction,
  lockModelState,
  migrateLedger,
  replaceChampion,
  setModelState,
  type NewChampion,
  type StoredEvent,
} from '@factory/ledger';
import { S3ObjectStore, championKey, s3ConfigSchema, versionFileKey } from '@factory/object-store';
import { freshBucketPrefix, freshDatabase, type FreshDatabase } from '@factory/testing';
import type { DataSource } from 'typeorm';
import { lookAtPointer } from './champion-pointer';
import { ChampionRepair } from './champion-repair';
import { putInForce } from './put-in-force';
import { bringBack, retire } from './retire';
import { rollback } from './rollback';
import { storeBundle } from './spec-bundle';
import { versionInForce } from './version-in-force';

const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const change = { who: 'ann', reason: 'sold no more' };
const back = { who: 'bob', reason: 'sold again' };
const fresh = freshBucketPrefix('retire');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let database: FreshDatabase;
let ledger: DataSource;
let champions: Champions;
/** A new product for each spec, of which v1 is in force. */
let key: ModelKey;
let next: NewChampion;
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
  next = await storeBundle(store, key, 'v1', RUN, -1);
  await inTransaction(ledger, (sql) => replaceChampion(sql, next, 0));
  await new ChampionRepair(store, champions).repair(key);
});
afterAll(async () => {
  await ledger?.destroy();
  store.close();
  await Promise.all([database?.dispose(), fresh.dispose()]);
});

const announce = (events: readonly StoredEvent[]): Promise<void> => {
  announced.push(...events);
  return Promise.resolve();
};
type OnStore = Pick<S3ObjectStore, 'get' | 'put'>;
const retired = (on: OnStore = store) => retire(ledger, on, { key, change }, announce);
const released = (on: OnStore = store) => bringBack(ledger, on, { key, change: back }, announce);
const hold = () =>
  inTransaction(ledger, async (sql) => {
    await lockModelState(sql, key);
    await setModelState(sql, key, { state: 'held', until: null }, change);
  });
const pointer = () => lookAtPointer(store, championKey(key));
const actions = async () => (await auditOf(ledger, `main/sale/${key.product}`)).map(({ action }) => action);
/** A store to which nothing can be written, as for a process that is killed after its commit. */
const dying: OnStore = {
  get: (name, limit) => store.get(name, limit),
  put: () => Promise.reject(new RangeError('killed')),
};

describe('retiring a model', () => {
  it('raises the epoch, leaves a tombstone, and tells scorers; nobody gets the version any more', async () => {
    expect(await retired()).toEqual({ ...key, version: 'v1', epoch: 2, result: 'retired' });
    expect(await champions.find(key)).toMatchObject({
      version: 'v1',
      epoch: 2,
      state: { state: 'retired', by: 'ann', reason: 'sold no more' },
    });
    expect(await pointer()).toMatchObject({
      kind: 'retired',
      tombstone: { schemaVersion: 2, retired: true, epoch: 2, reason: 'sold no more' },
    });
    expect(announced).toMatchObject([
      {
        event: 'model.retired',
        shard: 'retired-2',
        body: { ...key, run: RUN, version: 'v1', epoch: 2, reason: 'sold no more' },
      },
    ]);
    expect(await actions()).toEqual(['retire']);
    const refused = { code: 'model-retired', message: expect.stringContaining('factory release') as string };
    await expect(versionInForce(store, key, champions)).rejects.toMatchObject(refused);
    await expect(versionInForce(store, key)).rejects.toMatchObject(refused);
    await expect(rollback(ledger, store, { key, to: 'v1', change }, announce)).rejects.toMatchObject(refused);
  });

  it('twice, or two at once, is done once', async () => {
    const both = await Promise.all([retired(), retired()]);
    expect(both.map(({ result }) => result).sort()).toEqual(['retired', 'was-retired']);
    expect(await retired()).toMatchObject({ result: 'was-retired', epoch: 2 });
    expect(await champions.find(key)).toMatchObject({ epoch: 2 });
    expect(announced).toHaveLength(1);
    expect(await actions()).toEqual(['retire']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['by the same command', () => retired()],
    ['by the publisher when it starts', () => new ChampionRepair(store, champions).repairAll()],
  ])('by a process that is killed before it writes champion.json is completed %s', async (_by, complete) => {
    await expect(retired(dying)).rejects.toThrow('killed');
    expect(await pointer()).toMatchObject({ kind: 'read', epoch: 1 });
    await complete();
    expect(await pointer()).toMatchObject({ kind: 'retired', epoch: 2 });
    expect(await new ChampionRepair(store, champions).repair(key)).toBe(false);
  });

  it.each(['before', 'after', 'while'])('%s a publish puts nothing in force', async (when) => {
    const publish = () => inTransaction(ledger, (sql) => putInForce(sql, { ...next, version: 'v2' }, 1));
    let put: string;
    if (when === 'before') {
      await retired();
      put = (await publish()).kind;
    } else if (when === 'after') {
      put = (await publish()).kind;
      await retired();
    } else {
      put = (await Promise.all([publish(), retired()]))[0].kind;
    }
    expect(put).toMatch(when === 'before' ? /^retired$/ : when === 'after' ? /^released$/ : /^re/);
    expect(await pointer()).toMatchObject({ kind: 'retired' });
    await expect(versionInForce(store, key, champions)).rejects.toMatchObject({ code: 'model-retired' });
  });

  it.each(['before', 'while'])('that has no version, %s its first is published', async (when) => {
    key = { ...key, goal: `first-${when}` };
    const publish = () => inTransaction(ledger, (sql) => putInForce(sql, { ...next, ...key }, 0));
    const [put] =
      when === 'before' ? [await retired().then(publish)] : await Promise.all([publish(), retired()]);
    const found = await champions.find(key);
    if (put.kind === 'released') expect(found?.state).toMatchObject({ state: 'retired' });
    else expect([put.kind, found]).toEqual(['retired', undefined]);
    expect(await new ModelStates(ledger).find(key)).toMatchObject({ state: 'retired' });
  });

  it('changes nothing while champion.json is of a later release', async () => {
    const later = '{"schemaVersion":3,"epoch":1}';
    await store.put(championKey(key), later, { contentType: 'application/json' });
    await expect(retired()).rejects.toMatchObject({ code: 'newer-version' });
    expect(await champions.find(key)).toMatchObject({ epoch: 1, state: undefined });
  });
});

describe('bringing a model back', () => {
  it('puts its version in force again, with the next epoch', async () => {
    await retired();
    announced = [];
    expect(await released()).toEqual({
      ...key,
      result: 'in-force-again',
      version: 'v1',
      epoch: 3,
      broken: null,
    });
    expect(await pointer()).toMatchObject({ kind: 'read', epoch: 3, pointer: { version: 'v1' } });
    expect(await versionInForce(store, key, champions)).toMatchObject({ version: 'v1' });
    expect(announced).toMatchObject([
      { event: 'model.published', shard: 'release-3', body: { version: 'v1', epoch: 3 } },
    ]);
    expect(await actions()).toEqual(['retire', 'release']);
    expect(await released()).toMatchObject({ result: 'no-state', epoch: 3 });
    expect(announced).toHaveLength(1);
  });

  it('two at once is done once, and completed after a kill', async () => {
    await retired();
    await expect(released(dying)).rejects.toThrow('killed');
    expect(await pointer()).toMatchObject({ kind: 'retired' });
    await Promise.all([released(), released()]);
    expect(await pointer()).toMatchObject({ kind: 'read', epoch: 3 });
    expect(await actions()).toEqual(['retire', 'release']);
  });

  it('whose bundle is broken says so, and tells no scorer', async () => {
    await retired();
    announced = [];
    await store.put(versionFileKey(key, 'v1', 'golden.json'), '{}', { contentType: 'x/y' });
    expect(await released()).toMatchObject({
      result: 'in-force-again',
      epoch: 3,
      broken: expect.stringContaining('golden.json') as string,
    });
    expect(announced).toEqual([]);
    expect(await champions.find(key)).toMatchObject({ epoch: 3, state: undefined });
  });

  it('that never had a version ends its retirement only', async () => {
    key = { ...key, goal: 'other' };
    expect(await retired()).toEqual({ ...key, version: null, epoch: 0, result: 'retired' });
    expect(await released()).toMatchObject({ result: 'in-force-again', version: null, epoch: 0 });
    expect(announced).toEqual([]);
    expect(await new ModelStates(ledger).find(key)).toBeUndefined();
  });

  it('that was held ends the hold; meanwhile nothing replaces its version', async () => {
    await hold();
    expect(await champions.find(key)).toMatchObject({ state: { state: 'held' } });
    expect(await versionInForce(store, key, champions)).toMatchObject({ version: 'v1' });
    const put = await inTransaction(ledger, (sql) => putInForce(sql, { ...next, version: 'v2' }, 1));
    expect(put).toMatchObject({ kind: 'held', state: { reason: 'sold no more' } });
    await expect(rollback(ledger, store, { key, to: 'v9', change }, announce)).rejects.toMatchObject({
      code: 'model-held',
      message: expect.stringContaining('factory release --product') as string,
    });
    expect(await released()).toMatchObject({ result: 'no-hold-now', epoch: 1 });
    expect(await pointer()).toMatchObject({ kind: 'read', epoch: 1 });
    expect(announced).toEqual([]);
  });
});
