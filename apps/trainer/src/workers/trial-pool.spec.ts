import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NumberedCombination } from '@factory/domain';
import { availableKernels } from '@factory/training-kernel';
import type { EngineName } from '../engines/create-engine';
import { syntheticData } from '../engines/conformance/synthetic-data';
import type { TrialOutcome } from '../run-trial';
import { SuccessiveHalving } from '../successive-halving';
import type { TrialData } from '../trial-data';
import { compileTrialWorker } from './compile-worker-for-specs';
import { TrialPool, type GroupOptions, type TrialPoolOptions } from './trial-pool';

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

/** What a trial came to, without what a clock says. */
const figuresOf = (outcome: TrialOutcome) => ({ ...outcome, seconds: 0, rowsPerSecond: 0, history: [] });

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

    it.each<EngineName>(['auto', 'kernel-wasm', 'tfjs-wasm'])(
      'trains every combination with %s and answers in their order, the same on one thread and on two',
      async (engine) => {
        const pool = open({ workers: 2, engine, workerFile });
        const name = engine === 'auto' ? `kernel-${availableKernels()[0]}` : engine;
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
          [3, 'done', name],
          [1, 'done', name],
          [2, 'done', name],
        ]);
        expect(epochs.sort()).toEqual(['1/1', '1/2', '2/1', '2/2', '3/1', '3/2']);
        expect(started.sort()).toEqual([1, 2, 3]);

        const alone = open({ workers: 1, engine, workerFile });
        const again = await alone.runGroup(
          data,
          [1, 2, 3].map((trial) => combination(trial)),
          { seed: 'shop' },
        );
        const byTrial = [...outcomes].sort((a, b) => a.combination.trial - b.combination.trial);
        expect(again.map(({ weights }) => weights)).toEqual(byTrial.map(({ weights }) => weights));
      },
    );

    it('pauses trials and goes on with them on any thread, as if there had been no pause', async () => {
      const data = sharedData(600);
      const group = [1, 2, 3].map((trial) => combination(trial, { epochs: 4 }));
      const whole = await open({ workers: 1, engine: 'tfjs-wasm', workerFile }).runGroup(data, group, {
        seed: 's',
      });

      const pool = open({ workers: 2, engine: 'tfjs-wasm', workerFile });
      const told: string[] = [];
      const begun = await pool.runGroup(data, group, {
        seed: 's',
        untilEpoch: 2,
        onPause: (trial) => void told.push(`paused ${trial}`),
        onOutcome: (outcome) => void told.push(`ended ${outcome.combination.trial}`),
      });
      expect(begun.map((one) => one.epochsRun)).toEqual([2, 2, 2]);
      expect(told.sort()).toEqual(['paused 1', 'paused 2', 'paused 3']);
      const resumed = await pool.runGroup(data, group, {
        seed: 's',
        resumeFrom: new Map(begun.map((one) => [one.combination.trial, one.paused!])),
      });
      resumed.forEach((outcome, index) => {
        expect(outcome.weights).toEqual(whole[index]!.weights);
        expect(outcome).toMatchObject({ epochsRun: 4, naturalTestLogLoss: whole[index]!.naturalTestLogLoss });
        expect(outcome.paused).toBeUndefined();
      });
    });

    it('halves a group to the same figures with one worker and with two', async () => {
      const data = sharedData(600);
      // Rates from hopeless to good: the order is not that of the trials' numbers.
      const rates = [1e-6, 0.01, 1e-5, 0.003, 1e-4, 0.001];
      const group = rates.map((learningRate, index) => combination(index + 1, { learningRate, epochs: 8 }));
      const halved = async (workers: number) =>
        new SuccessiveHalving(open({ workers, engine: 'tfjs-wasm', workerFile })).runGroup(data, group, {
          seed: 's',
        });
      const [one, two] = [await halved(1), await halved(2)];
      expect(two.map(figuresOf)).toEqual(one.map(figuresOf));
      expect(one.map(({ status, epochsRun }) => `${status} ${epochsRun}`).sort()).toEqual([
        'done 8',
        'halted 2',
        'halted 2',
        'halted 2',
        'halted 2',
        'halted 6',
      ]);

      const winner = one.find(({ status }) => status === 'done')!;
      const [alone] = await open({ workers: 1, engine: 'tfjs-wasm', workerFile }).runGroup(
        data,
        [winner.combination],
        { seed: 's' },
      );
      expect(alone!.weights).toEqual(winner.weights);
    });

    it.each(['auto', 'kernel-wasm', 'tfjs-wasm'] as const)(
      'stops %s within a second in the middle of an epoch, as a person or a deadline asks',
      async (engine) => {
        const pool = open({ workers: 1, engine, workerFile });
        await pool.start();
        const epochs: number[] = [];
        const abort = new AbortController();
        // a million weights: an epoch takes seconds
        const group = pool.runGroup(
          sharedData(100_000),
          [combination(1, { node1: 1024, node2: 1024, batchSize: 32, epochs: 10_000 })],
          { seed: 'shop', signal: abort.signal, onEpoch: (_trial, { epoch }) => epochs.push(epoch) },
        );
        const settled = expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
        await new Promise((resolve) => setTimeout(resolve, 300));
        const abortedAt = performance.now();
        abort.abort();
        await settled;
        expect(performance.now() - abortedAt).toBeLessThan(1000);
        expect(epochs).toEqual([]);
      },
    );

    it('lets a trial that diverges fail for itself', async () => {
      const pool = open({ workers: 2, engine: 'tfjs-wasm', workerFile });
      const wild = combination(2, { optimizer: 'sgd', learningRate: 1e30 });
      const outcomes = await pool.runGroup(sharedData(600), [combination(1), wild, combination(3)], {
        seed: 's',
      });
      expect(outcomes.map((one) => one.status)).toEqual(['done', 'diverged', 'done']);
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

    it('a suspect runs with nothing beside it, not even of another group', async () => {
      const pool = open({ workers: 2, workerFile: FAULTY });
      const running = new Set<number>();
      const beside: Record<number, number[]> = {};
      const watch: Pick<GroupOptions, 'seed' | 'beforeTrial' | 'onOutcome'> = {
        seed: 'shop',
        beforeTrial: async (trial) => {
          beside[trial] = [...running];
          running.add(trial);
          await new Promise((resolve) => setTimeout(resolve, 20));
        },
        onOutcome: ({ combination: { trial } }) => void running.delete(trial),
      };
      await Promise.all([
        pool.runGroup(data, trials(11, 12, 13), watch),
        pool.runGroup(data, trials(21, 22, 23), { ...watch, alone: new Set([22]) }),
      ]);
      expect(beside[22]).toEqual([]);
      expect(Object.keys(beside)).toHaveLength(6);
      expect(Object.values(beside).flat()).not.toContain(22);
    });

    it('a cancelled group does not wait for the trials of another', async () => {
      const pool = open({ workers: 1, workerFile: FAULTY, cancelGraceMs: 50 });
      const [first, second] = [new AbortController(), new AbortController()];
      const endless = pool.runGroup(data, trials(5), { seed: 'shop', signal: first.signal });
      const waiting = pool.runGroup(data, trials(1), { seed: 'shop', signal: second.signal });
      second.abort();
      await expect(waiting).rejects.toMatchObject({ code: 'trial-cancelled' });
      first.abort();
      await expect(endless).rejects.toMatchObject({ code: 'trial-cancelled' });
    });

    it('the longest of the trials that wait is next, whatever group it is of', async () => {
      const pool = open({ workers: 1, workerFile: FAULTY });
      const order: number[] = [];
      const watch = { seed: 'shop', beforeTrial: (trial: number) => Promise.resolve(void order.push(trial)) };
      const lasting = (trial: number, epochs: number) => combination(trial, { epochs });
      await Promise.all([
        pool.runGroup(data, [lasting(11, 5), lasting(12, 1), lasting(13, 9)], watch),
        pool.runGroup(data, [lasting(21, 4), lasting(22, 20)], watch),
      ]);
      expect(order).toEqual([11, 22, 13, 21, 12]);
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
