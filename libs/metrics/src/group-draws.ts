import { Xoroshiro128Plus, quantile } from '@factory/domain';

/** Draws of a bootstrap where nobody has said otherwise. */
export const BOOTSTRAP_SAMPLES = 1000;

/** A figure and how sure it is: ends of the 95 % and 99 % percentile intervals, half of the rest on either side. */
export interface BootstrapInterval {
  /** On the rows as they are. */
  readonly estimate: number;
  readonly lower95: number;
  readonly upper95: number;
  readonly lower99: number;
  readonly upper99: number;
}

/** Of every draw, how often it has each group. */
export interface GroupDraws {
  /** Number of groups. */
  readonly count: number;
  readonly samples: number;
  readonly seed: number;
}

/**
 * Draws as many groups as there are, with replacement, again and again; one draw is in memory at a time.
 *
 * @param look gets how often each group was drawn, [groups]; the array is used again for the next draw
 */
export function eachDraw({ count, samples, seed }: GroupDraws, look: (times: Uint16Array) => void): void {
  const random = new Xoroshiro128Plus(seed);
  const times = new Uint16Array(count);
  for (let sample = 0; sample < samples; sample++) {
    times.fill(0);
    for (let draw = 0; draw < count; draw++) {
      const group = random.below(count);
      times[group] = (times[group] ?? 0) + 1;
    }
    look(times);
  }
}

/**
 * @param draws the figure in each draw; NaN where a draw could not tell it: such draws are left out
 * @returns an interval that is its estimate alone, if no draw could tell it
 */
export function intervalOf(estimate: number, draws: ArrayLike<number>): BootstrapInterval {
  const told = Float64Array.from(draws)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const end = (share: number) =>
    told.length === 0 ? estimate : quantile((index) => told[index] ?? 0, told.length, share);
  return {
    estimate,
    lower95: end(0.025),
    upper95: end(0.975),
    lower99: end(0.005),
    upper99: end(0.995),
  };
}

/** Numbers equal ids 0, 1, 2 ... in order of first occurrence. */
export function groupNumbers(ids: readonly string[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(ids, (id) => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, numbers.size);
    return numbers.size - 1;
  });
}

/** How many groups there are: one more than the highest number. */
export function groupCount(groups: Uint32Array): number {
  let count = 0;
  for (const group of groups) if (group >= count) count = group + 1;
  return count;
}

/** Sums of some figure of each row over each group: [groups]. */
export function groupSums(groups: Uint32Array, count: number, figure: (row: number) => number): Float64Array {
  const sums = new Float64Array(count);
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row] ?? 0;
    sums[group] = (sums[group] ?? 0) + figure(row);
  }
  return sums;
}
