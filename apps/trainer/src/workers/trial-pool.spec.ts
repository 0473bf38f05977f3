import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NumberedCombination } from '@factory/domain';
import { syntheticData } from '../engines/conformance/synthetic-data';
import type { TrialData } from '../trial-data';
import { compileTrialWorker } from './compile-worker-for-specs';
import { TrialPool, type TrialPoolOptions } from './trial-pool';

jest.setTimeout(120_000);

const FAULTY = join(__dirname, 'fixtures/faulty.worker.cjs');

function combination(trial: number, changes: Partial<NumberedCombination> = {}): NumberedCombination {
  return {
    trial,
    node1: 8,
    node2: 4,
    dropout1: 0.2,
    dropout2: 0.2,
    optimizer: 'adam',
    learningRate: 0.003,
    lrAnnealing: 0.1,
    batchSize: 64,
    epochs: 2,
    ...changes,
  };
}

function sharedData(rows: number): TrialData {
  const data = syntheticData(rows, 6, 1);
  const features = new Float32Array(new SharedArrayBuffer(data.features.byteLength));
  features.set(data.features);
  return { ...data, features, weights: new Float64Array(rows).fill(1), shift: -2 };
}

describe('trial pool', () => {
  const pools: TrialPool[] = [];
  const open = (options: TrialPoolOptions) => {
    const pool = new TrialPool(options);
    pools.push(pool);
    return pool;
  };
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  describe('with the real worker', () => {
    let workerFile: string;
    beforeAll(() => (workerFile = compileTrialWorker()));
    afterAll(() => rmSync(workerFile));

    it('trains every combination and answers in their order, whichever thread took them', async () => {
      const pool = open({ workers: 2, engine: 'tfjs-wasm', workerFile });
      const data = sharedData(600);
      const epochs: string[] = [];
      const started: number[] = [];
      const outcomes = await pool.runGroup(
        data,
        [3, 1, 2].map((trial) => combination(trial)),
        {
          seed: 'shop',
          beforeTrial: (trial) => Promise.resolve(void started.push(trial)),
          onEpoch: (trial, record) => epochs.push(`${trial}/${record.epoch}`),
        },
      );

      expect(outcomes.map((one) => [one.combination.trial, one.status, one.engine])).toEqual([
        [3, 'done', 'tfjs-wasm'],
        [1, 'done', 'tfjs-wasm'],
        [2, 'done', 'tfjs-wasm'],
      ]);
      expect(epochs.sort()).toEqual(['1/1', '1/2', '2/1', '2/2', '3/1', '3/2']);
      expect(started.sort()).toEqual([1, 2, 3]);

      const alone = open({ workers: 1, engine: 'tfjs-wasm', workerFile });
      const [again] = await alone.runGroup(data, [combination(2)], { seed: 'shop' });
      expect(again!.weights).toEqual(outcomes[2]!.weights);
    });

    it('keeps the main thread free while it trains', async () => {
      const pool = open({ workers: 1, engine: 'tfjs-wasm', workerFile });
      let ticks = 0;
      const heartbeat = setInterval(() => ticks++, 5);
      const work = combination(1, { epochs: 20, batchSize: 32 });
      await pool.runGroup(sharedData(3000), [work], { seed: 'shop' });
      clearInterval(heartbeat);
      expect(ticks).toBeGreaterThan(10);
    });

    it('stops within a second when cancelled, also trials that still wait', async () => {
      const pool = open({ workers: 1, engine: 'tfjs-wasm', workerFile });
      await pool.start();
      const abort = new AbortController();
      let abortedAt = 0;
      const group = pool.runGroup(
        sharedData(3000),
        [1, 2, 3].map((trial) => combination(trial, { epochs: 10_000 })),
        {
          seed: 'shop',
          signal: abort.signal,
          onEpoch: () => {
            abortedAt ||= performance.now();
            abort.abort();
          },
        },
      );
      await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
      expect(performance.now() - abortedAt).toBeLessThan(1000);
      const [after] = await pool.runGroup(sharedData(600), [combination(4)], { seed: 'shop' });
      expect(after!.status).toBe('done');
    });
  });

  describe('with workers that misbehave', () => {
    const data = sharedData(20);
    const trials = (...numbers: number[]) => numbers.map((trial) => combination(trial));

    it.each([
      ['ends its process', 2, /trial-worker-lost: .*exit code 3/],
      ['throws where nothing catches it', 3, /trial-worker-lost: .*the kernel gave up/],
      ['runs out of memory', 4, /trial-worker-lost: .*reaching memory limit/],
      ['reports a failure', 6, /no-such-kernel/],
    ])('one that %s fails its own trial only, and is replaced', async (_fault, bad, error) => {
      const pool = open({ workers: 1, workerFile: FAULTY, heapMb: 64 });
      const outcomes = await pool.runGroup(data, trials(1, bad, 7, 8), { seed: 'shop' });
      expect(outcomes.map((one) => one.status)).toEqual(['done', 'failed', 'done', 'done']);
      expect(outcomes[1]).toMatchObject({ error: expect.stringMatching(error), weights: null });
    });

    it('one that ignores its cancel flag loses its thread after the time of grace', async () => {
      const pool = open({ workers: 1, workerFile: FAULTY, cancelGraceMs: 100 });
      await pool.start();
      const group = pool.runGroup(data, trials(5), { seed: 'shop', signal: AbortSignal.timeout(100) });
      await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
      expect(await pool.runGroup(data, trials(1), { seed: 'shop' })).toHaveLength(1);
    });

    it('a pool whose engine is missing says so at the start, and for each trial', async () => {
      const pool = open({ workers: 1, workerFile: FAULTY, engine: 'tfjs-native' });
      await expect(pool.start()).rejects.toMatchObject({ code: 'engine-unavailable' });
      const [outcome] = await pool.runGroup(data, trials(1), { seed: 'shop' });
      expect(outcome).toMatchObject({ status: 'failed', error: 'engine-unavailable: install it' });
    });

    it('a group that is cancelled before it starts trains nothing', async () => {
      const pool = open({ workers: 1, workerFile: FAULTY });
      const seen: number[] = [];
      const group = pool.runGroup(data, trials(1), {
        seed: 'shop',
        signal: AbortSignal.abort(),
        beforeTrial: (trial) => Promise.resolve(void seen.push(trial)),
      });
      await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
      expect(seen).toEqual([]);
    });

    it('a group whose record cannot be kept stops with that error', async () => {
      const pool = open({ workers: 2, workerFile: FAULTY });
      const group = pool.runGroup(data, trials(1, 7, 8), {
        seed: 'shop',
        beforeTrial: () => Promise.reject(new TypeError('lease lost')),
      });
      await expect(group).rejects.toThrow('lease lost');
    });

    it('groups share the threads, and what is free can be asked', async () => {
      const pool = open({ workers: 2, workerFile: FAULTY });
      expect(pool.freeWorkers).toBe(2);
      const groups = [trials(1, 7), trials(8, 9)].map((one) => pool.runGroup(data, one, { seed: 'shop' }));
      expect(pool.freeWorkers).toBe(0);
      expect((await Promise.all(groups)).flat()).toHaveLength(4);
      expect(pool.freeWorkers).toBe(2);
    });
  });
});
