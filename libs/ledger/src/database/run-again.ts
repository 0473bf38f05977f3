import { FactoryError, ServerAwayError } from '@factory/domain';
import { mayRunAgain } from '@factory/mysql';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a transaction that the server rolled back is tried, and the delays in between. */
export const RUN_AGAIN = { tries: 10, firstMs: 20, mostMs: 2_000 } as const;

export interface RunAgainOptions {
  /** In [0, 1): spreads transactions that conflicted. */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Retries `work` if the server rolled it back for no fault of its own: a deadlock, a lock wait timeout, a
 * killed statement. Waits in between with random, doubled delays (RUN_AGAIN: 10 times within 7 s, not counting
 * the server's own waiting).
 *
 * @throws ServerAwayError `database-busy` when it was rolled back each time: the work itself was not at fault
 */
export async function runAgain<T>(work: () => Promise<T>, options: RunAgainOptions = {}): Promise<T> {
  const { random = Math.random, sleep: wait = sleep } = options;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FactoryError || !mayRunAgain(error)) throw error;
      if (tries >= RUN_AGAIN.tries) throw new ServerAwayError('database', { cause: error, why: 'busy' });
      const most = Math.min(RUN_AGAIN.mostMs, RUN_AGAIN.firstMs * 2 ** (tries - 1));
      await wait(most * (0.5 + random() / 2));
    }
  }
}
