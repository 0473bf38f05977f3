import { setTimeout as sleep } from 'node:timers/promises';
import { specTrial, specTrialData } from '../spec-trials';
import { FAULTY_WORKER, trialPools } from './spec-trial-pools';
import type { GroupOptions } from './trial-pool';

jest.setTimeout(120_000);

const data = specTrialData(20);
const trials = (...numbers: number[]) => numbers.map((trial) => specTrial(trial));

describe('groups that share a trial pool', () => {
  const open = trialPools();

  it('a suspect runs alone, without trials of other groups', async () => {
    const pool = open({ workers: 2, workerFile: FAULTY_WORKER });
    const running = new Set<number>();
    const beside: Record<number, number[]> = {};
    const watch: Pick<GroupOptions, 'seed' | 'beforeTrial' | 'onOutcome'> = {
      seed: 'shop',
      beforeTrial: async (trial) => {
        beside[trial] = [...running];
        running.add(trial);
        await sleep(20);
      },
      onOutcome: ({ trial }) => void running.delete(trial),
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
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER, cancelGraceMs: 50 });
    const [first, second] = [new AbortController(), new AbortController()];
    const endless = pool.runGroup(data, trials(5), { seed: 'shop', signal: first.signal });
    const waiting = pool.runGroup(data, trials(1), { seed: 'shop', signal: second.signal });
    second.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'trial-cancelled' });
    first.abort();
    await expect(endless).rejects.toMatchObject({ code: 'trial-cancelled' });
  });

  it('the longest waiting trial is next, from any group', async () => {
    const pool = open({ workers: 1, workerFile: FAULTY_WORKER });
    const order: number[] = [];
    const watch = { seed: 'shop', beforeTrial: (trial: number) => Promise.resolve(void order.push(trial)) };
    const lasting = (trial: number, epochs: number) => specTrial(trial, { epochs });
    await Promise.all([
      pool.runGroup(data, [lasting(11, 5), lasting(12, 1), lasting(13, 9)], watch),
      pool.runGroup(data, [lasting(21, 4), lasting(22, 20)], watch),
    ]);
    expect(order).toEqual([11, 22, 13, 21, 12]);
  });

  it('groups share the threads, and the number of free threads can be queried', async () => {
    const pool = open({ workers: 2, workerFile: FAULTY_WORKER });
    expect(pool.freeWorkers).toBe(2);
    const groups = [trials(1, 7), trials(8, 9)].map((one) => pool.runGroup(data, one, { seed: 'shop' }));
    expect(pool.freeWorkers).toBe(0);
    expect((await Promise.all(groups)).flat()).toHaveLength(4);
    expect(pool.freeWorkers).toBe(2);
  });
});
