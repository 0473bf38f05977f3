import { FactoryError } from '@factory/domain';
import {
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
  type Tombstone,
} from './champion-pointer';

const KEY = 'models/main/sale/7/champion.json';

/** The methods of a store that the pointer needs, in memory. */
function memory(): {
  readonly objects: Map<string, Buffer>;
  get(key: string): Promise<Buffer>;
  put(key: string, body: Uint8Array | string): Promise<void>;
} {
  const objects = new Map<string, Buffer>();
  return {
    objects,
    get: (key) => {
      const body = objects.get(key);
      return body
        ? Promise.resolve(body)
        : Promise.reject(new FactoryError('object-not-found', `${key} is not there`, false));
    },
    put: (key, body) => {
      objects.set(key, Buffer.from(body));
      return Promise.resolve();
    },
  };
}

const pointer = (epoch: number): ChampionPointer => ({
  version: `v${epoch}`,
  location: `s3://bucket/models/main/sale/7/v${epoch}/`,
  manifestSha256: 'a'.repeat(64),
  epoch,
  since: '2024-04-01T09:30:00.000Z',
});

describe('champion.json', () => {
  it('is absent before the first champion, and reads back what was written', async () => {
    const store = memory();
    expect(await readChampionPointer(store, KEY)).toBeUndefined();
    expect(await writeChampionPointer(store, KEY, pointer(1))).toBe(true);
    expect(await readChampionPointer(store, KEY)).toEqual(pointer(1));
  });

  it('is never replaced by a lower epoch, and repaired by the same or a higher one', async () => {
    const store = memory();
    await writeChampionPointer(store, KEY, pointer(3));
    expect(await writeChampionPointer(store, KEY, pointer(2))).toBe(false);
    expect(await readChampionPointer(store, KEY)).toEqual(pointer(3));
    expect(await writeChampionPointer(store, KEY, { ...pointer(3), version: 'repaired' })).toBe(true);
    expect(await writeChampionPointer(store, KEY, pointer(4))).toBe(true);
    expect(await readChampionPointer(store, KEY)).toEqual(pointer(4));
  });

  it('is reset to a lower epoch if the caller knows that the higher one is wrong', async () => {
    const store = memory();
    await writeChampionPointer(store, KEY, pointer(3));
    expect(await writeChampionPointer(store, KEY, pointer(2), true)).toBe(true);
    expect(await readChampionPointer(store, KEY)).toEqual(pointer(2));
  });

  it.each([['not json'], ['{"version":"v1"}'], ['null'], ['{"schemaVersion":"2"}']])(
    'names the key of a broken pointer (%s) and lets a writer replace it',
    async (text) => {
      const store = memory();
      store.objects.set(KEY, Buffer.from(text));
      await expect(readChampionPointer(store, KEY)).rejects.toMatchObject({
        code: 'broken-champion-pointer',
        refusal: { field: KEY },
      });
      expect(await writeChampionPointer(store, KEY, pointer(1))).toBe(true);
      expect(await readChampionPointer(store, KEY)).toEqual(pointer(1));
    },
  );

  it('keeps to the epoch of a pointer of which no more can be read', async () => {
    const store = memory();
    store.objects.set(KEY, Buffer.from('{"epoch": 9}'));
    expect(await writeChampionPointer(store, KEY, pointer(3))).toBe(false);
    expect(JSON.parse(String(store.objects.get(KEY)))).toEqual({ epoch: 9 });
    expect(await writeChampionPointer(store, KEY, pointer(9))).toBe(true);
  });

  it.each([
    ['without what this release needs', { schemaVersion: 3, epoch: 9, champion: 'v9' }, 9],
    ['with all that this release needs', { ...pointer(9), schemaVersion: 3 }, 9],
    ['whose epoch cannot be read', { schemaVersion: 3, epoch: 'IX' }, undefined],
  ])('of a later release (%s) waits for that release', async (_what, body, epoch) => {
    const store = memory();
    const text = JSON.stringify(body);
    store.objects.set(KEY, Buffer.from(text));
    const newer = {
      code: 'newer-version',
      message: expect.stringMatching(`^${KEY}.schemaVersion = `) as string,
    };
    await expect(readChampionPointer(store, KEY)).rejects.toMatchObject(newer);
    if (epoch) expect(await writeChampionPointer(store, KEY, pointer(3))).toBe(false);
    await expect(writeChampionPointer(store, KEY, pointer(10))).rejects.toMatchObject(newer);
    await expect(writeChampionPointer(store, KEY, pointer(10), true)).rejects.toMatchObject(newer);
    expect(String(store.objects.get(KEY))).toBe(text);
  });

  it('of a retired model says since when and why, and keeps to the epochs like any other', async () => {
    const store = memory();
    const tombstone: Tombstone = {
      schemaVersion: 2,
      retired: true,
      epoch: 4,
      since: '2024-04-02T00:00:00.000Z',
      reason: 'sold no more',
    };
    await writeChampionPointer(store, KEY, pointer(3));
    expect(await writeChampionPointer(store, KEY, tombstone)).toBe(true);
    expect(await readChampionPointer(store, KEY)).toEqual(tombstone);
    expect(await writeChampionPointer(store, KEY, pointer(3))).toBe(false);
    expect(await writeChampionPointer(store, KEY, pointer(5))).toBe(true);
    expect(await writeChampionPointer(store, KEY, tombstone)).toBe(false);
    expect(await readChampionPointer(store, KEY)).toEqual(pointer(5));
  });

  it('of schema 2 that is no tombstone is broken', async () => {
    const store = memory();
    store.objects.set(KEY, Buffer.from(JSON.stringify({ ...pointer(1), schemaVersion: 2 })));
    await expect(readChampionPointer(store, KEY)).rejects.toMatchObject({ code: 'broken-champion-pointer' });
  });

  it('may say the schema of this release', async () => {
    const store = memory();
    store.objects.set(KEY, Buffer.from(JSON.stringify({ ...pointer(1), schemaVersion: 1 })));
    expect(await readChampionPointer(store, KEY)).toEqual({ ...pointer(1), schemaVersion: 1 });
  });

  it('does not treat an unavailable store as a missing pointer', async () => {
    const away = { get: () => Promise.reject(new FactoryError('store-away', 'gone', true)) };
    await expect(readChampionPointer(away, KEY)).rejects.toMatchObject({ code: 'store-away' });
  });
});
