import type { Trial } from '@factory/domain';
import type { TrialOutcome } from '../trial-outcome';
import { specTrial } from '../spec-trials';
import { ChosenRunner, type EngineRunner } from './chosen-runner';

let nowMs = 0;

/** Takes a given time for each epoch of each trial, by the spec's own clock. */
class FakeRunner implements EngineRunner {
  isClosed = false;
  groups = 0;

  constructor(
    private readonly engine: string,
    private readonly msPerEpoch = 1,
  ) {}

  start(): Promise<string> {
    if (this.engine === '') return Promise.reject(new TypeError('no library'));
    return Promise.resolve(this.engine);
  }

  runGroup(_data: unknown, trials: readonly Trial[]): Promise<TrialOutcome[]> {
    this.groups++;
    return Promise.resolve(
      trials.map(({ trial, settings }) => {
        nowMs += this.msPerEpoch * settings.epochs;
        return { trial, epochsRun: settings.epochs, engine: this.engine } as TrialOutcome;
      }),
    );
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const chooser = (pool: FakeRunner, gpu: FakeRunner | undefined, isGpuForced = false) =>
  new ChosenRunner(pool, gpu, isGpuForced, () => nowMs);
const trainsWith = async (runner: ChosenRunner) =>
  (await runner.runGroup({} as never, [specTrial(1)], { seed: 'x' }))[0]!.engine;

describe('choice of the trial runner', () => {
  it('is the pool, without measuring, if there is no GPU', async () => {
    const pool = new FakeRunner('kernel-avx2');
    const runner = chooser(pool, undefined);
    expect(await runner.start()).toEqual({ engine: 'kernel-avx2' });
    expect(pool.groups).toBe(0);
    expect(await trainsWith(runner)).toBe('kernel-avx2');
  });

  it.each([
    [4, 1, 'batched-gpu'],
    [1, 4, 'kernel-avx2'],
  ])('is the faster one: %p against %p ms per epoch', async (ofPool, ofGpu, engine) => {
    const [pool, gpu] = [new FakeRunner('kernel-avx2', ofPool), new FakeRunner('batched-gpu', ofGpu)];
    const runner = chooser(pool, gpu);
    const perMs = 12_800 * 1000;
    expect(await runner.start()).toEqual({
      engine,
      calibration: { pool: perMs / ofPool, gpu: perMs / ofGpu },
    });
    expect([pool.isClosed, gpu.isClosed]).toEqual([ofPool > ofGpu, ofGpu > ofPool]);
    expect(await trainsWith(runner)).toBe(engine);
  });

  it.each([
    ['', 'no library'],
    ['batched-native', 'TensorFlow found none and would compute on batched-native'],
  ])('is the pool, without measuring, if no GPU is found (%p)', async (engine, reason) => {
    const [pool, gpu] = [new FakeRunner('kernel-avx2'), new FakeRunner(engine)];
    const runner = chooser(pool, gpu);
    expect(await runner.start()).toEqual({
      engine: 'kernel-avx2',
      gpuUnusable: expect.stringContaining(reason),
    });
    expect([pool.groups, gpu.groups, gpu.isClosed]).toEqual([0, 0, true]);
    expect(await trainsWith(runner)).toBe('kernel-avx2');
  });

  it('is the GPU, without measuring, if the configuration says so', async () => {
    const [pool, gpu] = [new FakeRunner('kernel-avx2'), new FakeRunner('batched-gpu', 1000)];
    const runner = chooser(pool, gpu, true);
    expect(await runner.start()).toEqual({ engine: 'batched-gpu' });
    expect([pool.groups, gpu.groups, pool.isClosed]).toEqual([0, 0, true]);
    expect(await trainsWith(runner)).toBe('batched-gpu');
  });

  it('fails at the start if the configuration requires a GPU and none is found', async () => {
    const runner = chooser(new FakeRunner('kernel-avx2'), new FakeRunner('batched-native'), true);
    await expect(runner.start()).rejects.toMatchObject({ code: 'engine-unavailable' });
  });
});
