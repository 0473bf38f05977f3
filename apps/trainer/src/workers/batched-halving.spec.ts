import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Trial } from '@factory/domain';
import { bestOf } from '../gather-trials';
import type { TrialOutcome } from '../trial-outcome';
import { specTrial, specTrialData } from '../spec-trials';
import { SuccessiveHalving } from '../successive-halving';
import { BatchedRunner } from './batched-runner';
import { compileForSpecs, compileTrialWorker } from './spec-compile-worker';
import { TrialPool, type GroupOptions, type TrialRunner } from './trial-pool';

jest.setTimeout(120_000);

const data = specTrialData(600);

/** Different in everything that one program can mix, and in batch size; with good, slow and hopeless learning rates. */
const TRIALS: readonly Trial[] = [
  { node1: 48, node2: 4, learningRate: 1e-6 },
  { node1: 8, node2: 12, learningRate: 0.0003, batchSize: 32 },
  { node1: 8, node2: 24, learningRate: 1e-5, optimizer: 'nadam' as const },
  { node1: 32, node2: 16, learningRate: 0.005, optimizer: 'rmsprop' as const },
  { node1: 16, node2: 8, learningRate: 1e-4, optimizer: 'sgd' as const },
  { node1: 16, node2: 8, learningRate: 0.001, optimizer: 'nadam' as const },
].map((changes, index) => specTrial(index + 1, { epochs: 8, ...changes }));

describe('halving a group on one device', () => {
  const files: string[] = [];
  let batched: BatchedRunner;
  beforeAll(() => {
    files.push(compileForSpecs(join(__dirname, 'batched.worker.ts')), compileTrialWorker());
    batched = new BatchedRunner({ backend: 'wasm', workerFile: files[0]! });
  });
  afterAll(async () => {
    await batched.close();
    files.forEach((file) => rmSync(file));
  });

  const halve = (runner: TrialRunner, options: Partial<GroupOptions> = {}) =>
    new SuccessiveHalving(runner).runGroup(data, TRIALS, { seed: 's', ...options });
  const shown = (outcomes: readonly TrialOutcome[]) =>
    outcomes.map(({ trial, status, epochsRun }) => `${trial} ${status} ${epochsRun}`);

  it('resumes at a rung and never restarts: a training without pauses has the same epochs, bit for bit', async () => {
    const whole = await batched.runGroup(data, TRIALS, { seed: 's' });
    const epochs = new Map<number, number[]>();
    const halved = await halve(batched, {
      onEpoch: (trial, { epoch }) => epochs.set(trial, [...(epochs.get(trial) ?? []), epoch]),
    });
    expect(shown(halved)).toEqual([
      ...['1 halted 2', '2 halted 2', '3 halted 6', '4 done 8', '5 halted 2', '6 halted 2'],
    ]);
    for (const [index, one] of halved.entries()) {
      const { trial } = one;
      expect(epochs.get(trial)).toEqual(one.history.map(({ epoch }) => epoch));
      expect(epochs.get(trial)).toEqual(Array.from({ length: one.epochsRun! }, (_unused, at) => at + 1));
      expect(withoutSeconds(one)).toEqual(withoutSeconds(whole[index]!).slice(0, one.epochsRun!));
    }
    const [winner, unbroken] = [halved[3]!, whole[3]!];
    expect(winner.weights).toEqual(unbroken.weights);
    expect(winner.naturalTestLogLoss).toBe(unbroken.naturalTestLogLoss);
  });

  it('marks trials as halted if others were better, with validation figures only, and reports each trial once', async () => {
    const told: string[] = [];
    const halved = await halve(batched, {
      onPause: (trial) => void told.push(`${trial} paused`),
      onOutcome: ({ trial, status }) => void told.push(`${trial} ${status}`),
    });
    for (const one of halved.filter(({ status }) => status === 'halted')) {
      expect(one).toMatchObject({ weights: null, testLoss: null, engine: 'batched-wasm' });
      expect(one.naturalValidationLogLoss).toBeGreaterThan(0);
      expect(one.paused).toBeUndefined();
    }
    expect(told.filter((one) => one.endsWith('paused'))).toHaveLength(TRIALS.length + 2);
    expect(told.filter((one) => !one.endsWith('paused')).sort()).toEqual([
      ...['1 halted', '2 halted', '3 halted', '4 done', '5 halted', '6 halted'],
    ]);
  });

  it('finds the same winner as the kernel', async () => {
    const pool = new TrialPool({ workers: 1, engine: 'kernel-wasm', workerFile: files[1]! });
    try {
      const [onKernel, onDevice] = [await halve(pool), await halve(batched)];
      expect(winnerOf(onKernel)).toBe(4);
      expect(winnerOf(onDevice)).toBe(4);
    } finally {
      await pool.close();
    }
  });
});

const winnerOf = (outcomes: readonly TrialOutcome[]) => bestOf(outcomes)?.trial;

const withoutSeconds = ({ history }: TrialOutcome) => history.map((record) => ({ ...record, seconds: 0 }));
