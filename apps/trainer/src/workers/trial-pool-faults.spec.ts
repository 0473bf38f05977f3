import { specTrial, specTrialData } from '../spec-trials';
import { FAULTY_WORKER, trialPools } from './spec-trial-pools';

jest.setTimeout(120_000);

const data = specTrialData(20);
const trials = (...numbers: number[]) => numbers.map((trial) => specTrial(trial));

describe('trial pool with workers that misbehave', () => {
  const open = trialPools();

  it.each([
    ['ends its process', 2, /trial-worker-lost: .*exit code 3/],
    ['throws an uncaught error', 3, /trial-worker-lost: .*the kernel gave up/],
    ['runs out of memory', 4, /trial-worker-lost: .*reaching memory limit/],
    ['reports a failure', 6, /no-such-kernel/],
  ])('one that %s fails only its own trial, and is replaced', async (_fault, bad, error) => {
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER, heapMb: 64 });
    const outcomes = await pool.runGroup(data, trials(1, bad, 7, 8), { seed: 'shop' });
    expect(outcomes.map((one) => one.status)).toEqual(['done', 'failed', 'done', 'done']);
    expect(outcomes[1]).toMatchObject({ error: expect.stringMatching(error), weights: null });
  });

  it('one that ignores its cancel flag is terminated after the grace period', async () => {
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER, cancelGraceMs: 100 });
    await pool.start();
    const group = pool.runGroup(data, trials(5), { seed: 'shop', signal: AbortSignal.timeout(100) });
    await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
    expect(await pool.runGroup(data, trials(1), { seed: 'shop' })).toHaveLength(1);
  });

  it('a pool without its engine reports that at the start, and for each trial', async () => {
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER, engine: 'tfjs-native' });
    await expect(pool.start()).rejects.toMatchObject({ code: 'engine-unavailable' });
    const [outcome] = await pool.runGroup(data, trials(1), { seed: 'shop' });
    expect(outcome).toMatchObject({ status: 'failed', error: 'engine-unavailable: install it' });
  });

  it('a group that is cancelled before it starts trains nothing', async () => {
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER });
    const seen: number[] = [];
    const group = pool.runGroup(data, trials(1), {
      seed: 'shop',
      signal: AbortSignal.abort(),
      beforeTrial: (trial) => Promise.resolve(void seen.push(trial)),
    });
    await expect(group).rejects.toMatchObject({ code: 'trial-cancelled' });
    expect(seen).toEqual([]);
  });

  it('a group whose record cannot be stored stops with that error', async () => {
    const pool = open({ workers: 2, workerFile: FAULTY_WORKER });
    const group = pool.runGroup(data, trials(1, 7, 8), {
      seed: 'shop',
      beforeTrial: () => Promise.reject(new TypeError('lease lost')),
    });
    await expect(group).rejects.toThrow('lease lost');
  });
});
