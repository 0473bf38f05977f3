import { DatasetCache, datasetKey, type CachedDataset } from './dataset-cache';
import type { TrialData } from './trial-data';

const KIB = 1024;

/** A shelf of loadable datasets that counts how often each was loaded. */
function shelf() {
  const loads: string[] = [];
  const take = (key: string, bytes: number, load?: () => Promise<TrialData>): CachedDataset => ({
    key,
    bytes,
    load: () => {
      loads.push(key);
      return load ? load() : Promise.resolve(dataset(key));
    },
  });
  return { loads, take };
}

function dataset(name: string): TrialData {
  const none = new Uint32Array(0);
  return {
    features: Float32Array.from(name, (letter) => letter.charCodeAt(0)),
    width: 1,
    labels: new Uint8Array(0),
    weights: new Float64Array(0),
    trainRows: none,
    validationRows: none,
    testRows: none,
    shift: 0,
  };
}

const nothing = () => Promise.resolve();

describe('DatasetCache', () => {
  it('loads a dataset once, however many ask at the same time or later', async () => {
    const cache = new DatasetCache(10 * KIB);
    const { loads, take } = shelf();
    const seen = await Promise.all(
      [1, 2, 3].map(() => cache.use(take('a', KIB), (data) => Promise.resolve(data))),
    );
    expect(await cache.use(take('a', KIB), (data) => Promise.resolve(data))).toBe(seen[0]);
    expect(loads).toEqual(['a']);
  });

  it('drops the longest unused when room is needed', async () => {
    const cache = new DatasetCache(2 * KIB);
    const { loads, take } = shelf();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.use(take(key, KIB), nothing);
    expect(loads).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.bytes).toBe(2 * KIB);
  });

  it('never drops a dataset in use: who needs its room waits', async () => {
    const cache = new DatasetCache(2 * KIB);
    const { loads, take } = shelf();
    let giveBack = () => {};
    const first = cache.use(take('a', 2 * KIB), () => new Promise<void>((resolve) => (giveBack = resolve)));
    const second = cache.use(take('b', KIB), () => Promise.resolve(cache.bytes));
    await new Promise((resolve) => setImmediate(resolve));
    expect(loads).toEqual(['a']);
    giveBack();
    await first;
    expect(await second).toBe(KIB);
    expect(loads).toEqual(['a', 'b']);
  });

  it('gives a dataset back when the work on it fails', async () => {
    const cache = new DatasetCache(KIB);
    const { take } = shelf();
    const work = () => Promise.reject(new TypeError('trial broke'));
    await expect(cache.use(take('a', KIB), work)).rejects.toThrow('trial broke');
    await expect(cache.use(take('b', KIB), () => Promise.resolve('room'))).resolves.toBe('room');
  });

  it('forgets a failed load, so that the next one tries again', async () => {
    const cache = new DatasetCache(KIB);
    const { loads, take } = shelf();
    const broken = take('a', KIB, () => Promise.reject(new TypeError('store away')));
    const both = await Promise.allSettled([cache.use(broken, nothing), cache.use(broken, nothing)]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(cache.bytes).toBe(0);
    await cache.use(take('a', KIB), nothing);
    expect(loads).toEqual(['a', 'a']);
  });

  it('refuses what could never fit before it is loaded', async () => {
    const cache = new DatasetCache(KIB);
    const { loads, take } = shelf();
    await expect(cache.use(take('a', KIB + 1), nothing)).rejects.toMatchObject({ code: 'dataset-too-large' });
    expect(loads).toEqual([]);
  });

  it('knows a dataset by the content of its file and of its transform', () => {
    expect(datasetKey('aa', 'bb')).not.toBe(datasetKey('aa', 'cc'));
    expect(datasetKey('aa', 'bb')).not.toBe(datasetKey('cc', 'bb'));
  });
});
