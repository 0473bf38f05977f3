import { Xoroshiro128Plus, quantile } from '@factory/domain';
import { ratio } from './ranking';

export interface PairedLosses {
  /** [rows] loss of the one model on each row, such as `logLosses`. */
  readonly lossA: Float64Array;
  /** [rows] loss of the other on the same rows. */
  readonly lossB: Float64Array;
  /** [rows] */
  readonly weights: Float64Array;
  /** [rows] number of each row's group (visitor), from `groupNumbers`; a group is drawn as a whole. */
  readonly groups: Uint32Array;
  /** Default 1,000. */
  readonly samples?: number;
  readonly seed: number;
}

export interface BootstrapInterval {
  /** Weighted mean of lossA - lossB on the rows as they are: below 0 = A is better. */
  readonly mean: number;
  /** Ends of the 95 % percentile interval. */
  readonly lower95: number;
  readonly upper95: number;
}

/**
 * How sure the difference of two models' weighted mean losses is, by drawing groups with replacement. Both models
 * are looked at on the same draws, so what makes a draw hard for both cancels.
 * Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 8 and 13.
 */
export function pairedBootstrap(input: PairedLosses): BootstrapInterval {
  const { lossA, lossB, weights, groups, samples = 1000, seed } = input;
  const count = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  const differences = new Float64Array(count);
  const sizes = new Float64Array(count);
  groups.forEach((group, row) => {
    const weight = weights[row] ?? 0;
    differences[group] = (differences[group] ?? 0) + weight * ((lossA[row] ?? 0) - (lossB[row] ?? 0));
    sizes[group] = (sizes[group] ?? 0) + weight;
  });
  const random = new Xoroshiro128Plus(seed);
  const means = new Float64Array(samples).map(() => {
    let difference = 0;
    let size = 0;
    for (let draw = 0; draw < count; draw++) {
      const group = random.below(count);
      difference += differences[group] ?? 0;
      size += sizes[group] ?? 0;
    }
    return ratio(difference, size);
  });
  means.sort();
  const at = (index: number) => means[index] ?? 0;
  return {
    mean: ratio(sum(differences), sum(sizes)),
    lower95: quantile(at, samples, 0.025),
    upper95: quantile(at, samples, 0.975),
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

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
