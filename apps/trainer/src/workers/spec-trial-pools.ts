import { join } from 'node:path';
import { TrialPool, type TrialPoolOptions } from './trial-pool';

/** For specs: a worker that misbehaves depending on the trial number. */
export const FAULTY_WORKER = join(__dirname, 'fixtures/faulty.worker.cjs');

/** For specs: opens pools that are closed after each test. */
export function trialPools(): (options: TrialPoolOptions) => TrialPool {
  const pools: TrialPool[] = [];
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });
  return (options) => {
    const pool = new TrialPool(options);
    pools.push(pool);
    return pool;
  };
}
