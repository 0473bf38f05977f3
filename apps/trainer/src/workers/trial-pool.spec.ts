import type { EngineName } from '@factory/engines';
import { availableKernels } from '@factory/training-kernel';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrialOutcome } from '../trial-outcome';
import { specTrial, specTrialData, specTrials } from '../spec-trials';
import { SuccessiveHalving } from '../successive-halving';
import { compileTrialWorker } from './spec-compile-worker';
import { trialPools } from './spec-trial-pools';

jest.setTimeout(120_000);

/** A trial's outcome without its timings. */
const figuresOf = (outcome: TrialOutcome) => ({ ...outcome, seconds: 0, rowsPerSecond: 0, history: [] });

describe('trial pool', () => {
  const open = trialPools();

  let workerFile: string;
  beforeAll(() => (workerFile = compileTrialWorker()));
  afterAll(() => rmSync(workerFile));

  it.each<EngineName>(['auto', 'kernel-wasm', 'tfjs-wasm'])(
    'trains every trial with %s and returns outcomes in order, the same on one thread and on two',
    async (engine) => {
      const pool = open({ workers: 2, engine, workerFile });
      const name = engine === 'auto' ? `kernel-${availableKernels()[0]}` : engine;
      const data = specTrialData(600);
      const epochs: string[] = [];
      const started: number[] = [];
      const outcomes = await pool.runGroup(
        data,
        [3, 1, 2].map((trial) => specTrial(trial)),
        {
          seed: 'shop',
          beforeTrial: (trial) => Promise.resolve(void started.push(trial)),
          onEpoch: (trial, record) => epochs.push(`${trial}/${record.epoch}`),
        },
      );

      expect(outcomes.map((one) => [one.trial, one.status, one.engine])).toEqual([
        [3, 'done', name],
        [1, 'done', name],
        [2, 'done', name],
      ]);
      expect(epochs.sort()).toEqual(['1/1', '1/2', '2/1', '2/2', '3/1', '3/2']);
      expect(started.sort()).toEqual([1, 2, 3]);

      const alone = open({ workers: 1, engine, workerFile });
      const again = await alone.runGroup(data, specTrials(3), { seed: 'shop' });
      const byTrial = [...outcomes].sort((a, b) => a.trial - b.trial);
      expect(again.map(({ weights }) => weights)).toEqual(byTrial.map(({ weights }) => weights));
    },
  );

  it('pauses trials and resumes them on any thread, with the same result as without a pause', async () => {
    const data = specTrialData(600);
    const group = specTrials(3, { epochs: 4 });
    const whole = await open({ workers: 1, engine: 'tfjs-wasm', workerFile }).runGroup(data, group, {
      seed: 's',
    });

    const pool = open({ workers: 2, engine: 'tfjs-wasm', workerFile });
    const told: string[] = [];
    const begun = await pool.runGroup(data, group, {
      seed: 's',
      untilEpoch: 2,
      onPause: (trial) => void told.push(`paused ${trial}`),
      onOutcome: (outcome) => void told.push(`ended ${outcome.trial}`),
    });
    expect(begun.map((one) => one.epochsRun)).toEqual([2, 2, 2]);
    expect(told.sort()).toEqual(['paused 1', 'paused 2', 'paused 3']);
    const resumed = await pool.runGroup(data, group, {
      seed: 's',
      resumeFrom: new Map(begun.map((one) => [one.trial, one.paused!])),
    });
    resumed.forEach((outcome, index) => {
      expect(outcome.weights).toEqual(whole[index]!.weights);
      expect(outcome).toMatchObject({ epochsRun: 4, naturalTestLogLoss: whole[index]!.naturalTestLogLoss });
      expect(outcome.paused).toBeUndefined();
    });
  });

  it('successive halving gives the same figures with one worker and with two', async () => {
    const data = specTrialData(600);
    // Rates from hopeless to good: the order is not that of the trials' numbers.
    const rates = [1e-6, 0.01, 1e-5, 0.003, 1e-4, 0.001];
    const group = rates.map((learningRate, index) => specTrial(index + 1, { learningRate, epochs: 8 }));
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
      group.filter(({ trial }) => trial === winner.trial),
      { seed: 's' },
    );
    expect(alone!.weights).toEqual(winner.weights);
  });

  it.each(['auto', 'kernel-wasm', 'tfjs-wasm'] as const)(
    'stops %s in the middle of an epoch, when a person or a deadline cancels',
    async (engine) => {
      const pool = open({ workers: 1, engine, workerFile });
      await pool.start();
      const epochs: number[] = [];
      const abort = new AbortController();
      // A million weights: an epoch takes far longer than a busy machine needs to stop.
      const group = pool.runGroup(
        specTrialData(100_000),
        [specTrial(1, { node1: 1024, node2: 1024, batchSize: 32, epochs: 10_000 })],
        { seed: 'shop', signal: abort.signal, onEpoch: (_trial, { epoch }) => epochs.push(epoch) },
      );
      const settled = expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
      await sleep(300);
      abort.abort();
      await settled;
      expect(epochs).toEqual([]);
    },
  );

  it('a diverging trial does not affect the others', async () => {
    const pool = open({ workers: 2, engine: 'tfjs-wasm', workerFile });
    const wild = specTrial(2, { optimizer: 'sgd', learningRate: 1e30 });
    const outcomes = await pool.runGroup(specTrialData(600), [specTrial(1), wild, specTrial(3)], {
      seed: 's',
    });
    expect(outcomes.map((one) => one.status)).toEqual(['done', 'diverged', 'done']);
  });

  it('keeps the main thread free while it trains', async () => {
    const pool = open({ workers: 1, engine: 'tfjs-wasm', workerFile });
    let ticks = 0;
    const heartbeat = setInterval(() => ticks++, 5);
    const work = specTrial(1, { epochs: 20, batchSize: 32 });
    await pool.runGroup(specTrialData(3000), [work], { seed: 'shop' });
    clearInterval(heartbeat);
    expect(ticks).toBeGreaterThan(10);
  });

  it('stops when cancelled, including waiting trials', async () => {
    const pool = open({ workers: 1, engine: 'tfjs-wasm', workerFile });
    await pool.start();
    const abort = new AbortController();
    const group = pool.runGroup(specTrialData(3000), specTrials(3, { epochs: 10_000 }), {
      seed: 'shop',
      signal: abort.signal,
      onEpoch: () => abort.abort(),
    });
    await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
    const [after] = await pool.runGroup(specTrialData(600), [specTrial(4)], { seed: 'shop' });
    expect(after!.status).toBe('done');
  });
});
