import { FactoryError, messageOf } from '@factory/domain';
import { setTimeout as sleep } from 'node:timers/promises';

export interface UntilOptions {
  /** The awaited condition, for the error: "the run has ended". */
  readonly what: string;
  /** Default 20,000: less than a spec's timeout. */
  readonly timeoutMs?: number;
  /** Pause between two checks; default 50. */
  readonly everyMs?: number;
}

/** The awaited condition was not met in time. */
export class NeverHappenedError extends FactoryError {
  constructor(
    readonly what: string,
    readonly timeoutMs: number,
    last: unknown,
  ) {
    const seen =
      last instanceof Error ? `last error: ${messageOf(last)}` : `last value: ${JSON.stringify(last)}`;
    super('never-happened', `waited ${timeoutMs} ms until ${what}; ${seen}`, false);
  }
}

/**
 * Checks repeatedly until a value is truthy, and returns it. An error counts as "not yet".
 *
 * @throws NeverHappenedError with the awaited condition and the last value
 */
export async function until<T>(
  look: () => T | Promise<T>,
  { what, timeoutMs = 20_000, everyMs = 50 }: UntilOptions,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await look();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new NeverHappenedError(what, timeoutMs, last);
    await sleep(everyMs);
  }
}
