import { setImmediate } from 'node:timers/promises';
import { DatasetMemory, datasetKey, type CachedDataset, type StatedMemory } from './dataset-memory';
import type { TrialData } from './trial-data';

const KIB = 1024;

/** A collection of loadable datasets that counts how often each was loaded. */
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

/** Work that lasts until it is ended. */
function lasting() {
  let end = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  return { work: () => over, end };
}

describe('DatasetMemory', () => {
  it('loads a dataset once for any number of simultaneous or later callers', async () => {
    const memory = new DatasetMemory(10 * KIB);
    const { loads, take } = shelf();
    const seen = await Promise.all(
      [1, 2, 3].map(() => memory.use(take('a', KIB), (data) => Promise.resolve(data))),
    );
    expect(await memory.use(take('a', KIB), (data) => Promise.resolve(data))).toBe(seen[0]);
    expect(loads).toEqual(['a']);
  });

  it('drops the least recently used when room is needed', async () => {
    const memory = new DatasetMemory(2 * KIB);
    const { loads, take } = shelf();
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await memory.use(take(key, KIB), nothing);
    expect(loads).toEqual(['a', 'b', 'c', 'b']);
    expect(memory.bytes).toBe(2 * KIB);
  });

  it('never drops a dataset in use: a caller that needs its room waits', async () => {
    const memory = new DatasetMemory(2 * KIB);
    const { loads, take } = shelf();
    let giveBack = () => {};
    const first = memory.use(take('a', 2 * KIB), () => new Promise<void>((resolve) => (giveBack = resolve)));
    const second = memory.use(take('b', KIB), () => Promise.resolve(memory.bytes));
    await setImmediate();
    expect(loads).toEqual(['a']);
    giveBack();
    await first;
    expect(await second).toBe(KIB);
    expect(loads).toEqual(['a', 'b']);
  });

  it('releases a dataset when the work on it fails', async () => {
    const memory = new DatasetMemory(KIB);
    const { take } = shelf();
    const work = () => Promise.reject(new TypeError('trial broke'));
    await expect(memory.use(take('a', KIB), work)).rejects.toThrow('trial broke');
    await expect(memory.use(take('b', KIB), () => Promise.resolve('room'))).resolves.toBe('room');
  });

  it('forgets a failed load, so that the next one tries again', async () => {
    const memory = new DatasetMemory(KIB);
    const { loads, take } = shelf();
    const broken = take('a', KIB, () => Promise.reject(new TypeError('store away')));
    const both = await Promise.allSettled([memory.use(broken, nothing), memory.use(broken, nothing)]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(memory.bytes).toBe(0);
    await memory.use(take('a', KIB), nothing);
    expect(loads).toEqual(['a', 'a']);
  });

  it('refuses a dataset that could never fit before loading it', async () => {
    const memory = new DatasetMemory(KIB);
    const { loads, take } = shelf();
    await expect(memory.use(take('a', KIB + 1), nothing)).rejects.toMatchObject({
      code: 'dataset-too-large',
    });
    expect(loads).toEqual([]);
  });

  it('identifies a dataset by the content of its file and of its transform', () => {
    expect(datasetKey('aa', 'bb')).not.toBe(datasetKey('aa', 'cc'));
    expect(datasetKey('aa', 'bb')).not.toBe(datasetKey('cc', 'bb'));
  });
});

describe('room for a fit', () => {
  it('and datasets share one limit, each logged before it is allocated', async () => {
    const stated: StatedMemory[] = [];
    const memory = new DatasetMemory(3 * KIB, (one) => stated.push(one));
    const { take } = shelf();
    const [fit, group] = [lasting(), lasting()];
    const both = [memory.lend(2 * KIB, fit.work), memory.use(take('a', KIB), group.work)];
    await setImmediate();
    expect(memory.bytes).toBe(3 * KIB);
    expect(stated).toEqual([
      { use: 'fit', bytes: 2 * KIB, heldBytes: 2 * KIB, maxBytes: 3 * KIB },
      { use: 'matrix', bytes: KIB, heldBytes: 3 * KIB, maxBytes: 3 * KIB },
    ]);
    fit.end();
    group.end();
    await Promise.all(both);
    expect(memory.bytes).toBe(KIB); // the dataset stays for the next group
  });

  it('is made by dropping unused datasets', async () => {
    const memory = new DatasetMemory(2 * KIB);
    const { take } = shelf();
    await memory.use(take('a', KIB), nothing);
    await memory.use(take('b', KIB), nothing);
    expect(await memory.lend(KIB, () => Promise.resolve(memory.bytes))).toBe(2 * KIB);
    const { loads, take: takeAgain } = shelf();
    await memory.use(takeAgain('b', KIB), nothing);
    expect(loads).toEqual([]); // a was the least recently used
  });

  it('is refused if there can never be enough', async () => {
    const memory = new DatasetMemory(KIB);
    await expect(memory.lend(KIB + 1, nothing)).rejects.toMatchObject({
      code: 'dataset-too-large',
      refusal: { field: 'trainRows.bytes', value: KIB + 1 },
    });
  });

  it('is awaited while a dataset is in use, and is granted before further groups', async () => {
    const memory = new DatasetMemory(2 * KIB);
    const { take } = shelf();
    const order: string[] = [];
    const note = (what: string) => () => Promise.resolve(void order.push(what));
    const first = lasting();
    const group = memory.use(take('a', 2 * KIB), first.work);
    const waiting = [
      memory.use(take('b', KIB), note('group of b')),
      memory.lend(KIB, note('fit')),
      memory.use(take('a', 2 * KIB), note('group of a')),
    ];
    await setImmediate();
    expect(order).toEqual([]);
    first.end();
    await Promise.all([group, ...waiting]);
    expect(order[0]).toBe('fit');
    expect(order).toHaveLength(3);
  });

  it('is released when the fit fails', async () => {
    const memory = new DatasetMemory(KIB);
    const fit = memory.lend(KIB, () => Promise.reject(new TypeError('no columns')));
    const after = memory.use(shelf().take('a', KIB), () => Promise.resolve('room'));
    await expect(fit).rejects.toThrow('no columns');
    expect(await after).toBe('room');
  });

  it.each([
    ['fit', (memory: DatasetMemory, signal: AbortSignal) => memory.lend(KIB, nothing, signal)],
    [
      'group',
      (memory: DatasetMemory, signal: AbortSignal) => memory.use(shelf().take('b', KIB), nothing, signal),
    ],
  ])('is not awaited by a %s that is stopped, which does not delay others', async (_who, ask) => {
    const memory = new DatasetMemory(KIB);
    const { take } = shelf();
    const [first, stop] = [lasting(), new AbortController()];
    const reason = new TypeError('deadline');
    const group = memory.use(take('a', KIB), first.work);
    const stopped = ask(memory, stop.signal);
    const next = memory.use(take('a', KIB), () => Promise.resolve('goes on'));
    stop.abort(reason);
    await expect(stopped).rejects.toBe(reason);
    expect(await next).toBe('goes on');
    await expect(ask(memory, stop.signal)).rejects.toBe(reason);
    first.end();
    await group;
  });
});
