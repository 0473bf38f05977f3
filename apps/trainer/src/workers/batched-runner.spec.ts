import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { specTrial, specTrialData, specTrials } from '../spec-trials';
import { BatchedRunner, type BatchedRunnerOptions } from './batched-runner';
import { compileForSpecs } from './spec-compile-worker';

jest.setTimeout(120_000);

const FAULTY = join(__dirname, 'fixtures/faulty.worker.cjs');

describe('batched runner', () => {
  let workerFile: string;
  beforeAll(() => (workerFile = compileForSpecs(join(__dirname, 'batched.worker.ts'))));
  afterAll(() => rmSync(workerFile));

  const runners: BatchedRunner[] = [];
  const open = (options: BatchedRunnerOptions = {}) => {
    const runner = new BatchedRunner({ backend: 'wasm', workerFile, ...options });
    runners.push(runner);
    return runner;
  };
  afterEach(async () => {
    await Promise.all(runners.splice(0).map((runner) => runner.close()));
  });

  it('trains and measures every trial of a group, and returns outcomes in order', async () => {
    const runner = open();
    expect(await runner.start()).toBe('batched-wasm');
    const told: string[] = [];
    const outcomes = await runner.runGroup(
      specTrialData(600),
      [specTrial(3), specTrial(1, { node1: 5, optimizer: 'rmsprop', epochs: 1 }), specTrial(2)],
      {
        seed: 'shop',
        beforeTrial: (trial) => Promise.resolve(void told.push(`begin ${trial}`)),
        onEpoch: (trial, record) => told.push(`${trial}/${record.epoch}`),
        onOutcome: (outcome) => void told.push(`end ${outcome.trial}`),
      },
    );
    expect(outcomes.map((one) => [one.trial, one.status, one.engine, one.epochsRun])).toEqual([
      [3, 'done', 'batched-wasm', 2],
      [1, 'done', 'batched-wasm', 1],
      [2, 'done', 'batched-wasm', 2],
    ]);
    expect(told).toEqual([
      ...['begin 3', 'begin 1', 'begin 2', '3/1', '1/1', '2/1', '3/2', '2/2'],
      ...['end 3', 'end 1', 'end 2'],
    ]);
    for (const { rocAuc, validationLoss, history } of outcomes) {
      expect(rocAuc).toBeGreaterThan(0);
      expect(validationLoss).toBeCloseTo(Math.min(...history.map((record) => record.validationLoss)), 4);
    }
  });

  it('gives a repeated group the same weights', async () => {
    const runner = open();
    const train = () => runner.runGroup(specTrialData(600), specTrials(2), { seed: 'shop' });
    const [first, again] = [await train(), await train()];
    expect(again.map((one) => one.weights)).toEqual(first.map((one) => one.weights));
    expect(first[0]!.weights).not.toEqual(first[1]!.weights);
  });

  it('stops when cancelled, including waiting groups', async () => {
    const runner = open();
    await runner.start();
    const abort = new AbortController();
    const groups = [1, 2].map((trial) =>
      runner.runGroup(specTrialData(3000), [specTrial(trial, { epochs: 10_000 })], {
        seed: 'shop',
        signal: abort.signal,
        onEpoch: () => abort.abort(),
      }),
    );
    for (const group of await Promise.allSettled(groups))
      expect(group).toMatchObject({ status: 'rejected', reason: { code: 'trial-cancelled' } });
    const [after] = await runner.runGroup(specTrialData(600), [specTrial(4)], { seed: 'shop' });
    expect(after!.status).toBe('done');
  });

  it('fails only the trial that diverges', async () => {
    const wild = specTrial(2, { optimizer: 'sgd', learningRate: 1e30 });
    const outcomes = await open().runGroup(specTrialData(600), [specTrial(1), wild], { seed: 'shop' });
    expect(outcomes.map((one) => one.status)).toEqual(['done', 'diverged']);
  });

  it('trains suspects alone', async () => {
    const told: string[] = [];
    await open().runGroup(specTrialData(200), specTrials(3), {
      seed: 'shop',
      alone: new Set([1]),
      beforeTrial: (trial) => Promise.resolve(void told.push(`begin ${trial}`)),
      onOutcome: (outcome) => void told.push(`end ${outcome.trial}`),
    });
    expect(told).toEqual(['begin 2', 'begin 3', 'end 2', 'end 3', 'begin 1', 'end 1']);
  });

  it('fails only the trial for which the program fails', async () => {
    const runner = open();
    const data = specTrialData(200);
    const trials = specTrials(3);
    const paused = await runner.runGroup(data, trials, { seed: 'shop', untilEpoch: 1 });
    const resumeFrom = new Map(paused.map((one) => [one.trial, one.paused!]));
    const second = resumeFrom.get(2)!;
    resumeFrom.set(2, { ...second, training: { ...second.training, network: new Uint8Array(3) } });
    const outcomes = await runner.runGroup(data, trials, { seed: 'shop', resumeFrom });
    expect(outcomes.map(({ status, error }) => [status, error])).toEqual([
      ['done', null],
      ['failed', expect.stringMatching(/^not-a-network-state/)],
      ['done', null],
    ]);
  });

  it('fails trials whose thread ends, each with its own name, and starts another thread', async () => {
    const runner = open({ workerFile: FAULTY });
    const outcomes = await runner.runGroup(specTrialData(20), [specTrial(7), specTrial(8)], { seed: 'shop' });
    expect(outcomes.map(({ status, error }) => [status, error])).toEqual([
      ['failed', expect.stringMatching(/trial-worker-lost: the worker of trial 7 ended/)],
      ['failed', expect.stringMatching(/trial-worker-lost: the worker of trial 8 ended/)],
    ]);
    expect(await runner.start()).toBe('faulty');
  });

  it('reports a missing binding at the start', async () => {
    await expect(open({ backend: 'native', nativeDir: __dirname }).start()).rejects.toMatchObject({
      code: 'engine-unavailable',
    });
  });
});
