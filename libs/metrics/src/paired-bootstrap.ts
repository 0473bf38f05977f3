import {
  BOOTSTRAP_SAMPLES,
  eachDraw,
  groupCount,
  groupSums,
  intervalOf,
  type BootstrapInterval,
} from './group-draws';
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

/**
 * How sure the difference of two models' weighted mean losses is, A minus B: below 0 = A is better. Groups are drawn
 * with replacement and both models are looked at on the same draws, so what makes a draw hard for both cancels. A draw
 * costs one step a group.
 * Source: Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapters 8 and 13.
 */
export function pairedBootstrap(input: PairedLosses): BootstrapInterval {
  const { lossA, lossB, weights, groups, samples = BOOTSTRAP_SAMPLES, seed } = input;
  const count = groupCount(groups);
  const weightOf = (row: number) => weights[row] ?? 0;
  const differences = groupSums(
    groups,
    count,
    (row) => weightOf(row) * ((lossA[row] ?? NaN) - (lossB[row] ?? NaN)),
  );
  const sizes = groupSums(groups, count, weightOf);
  const means: number[] = [];
  eachDraw({ count, samples, seed }, (times) => {
    let [difference, size] = [0, 0];
    for (let group = 0; group < count; group++) {
      const drawn = times[group] ?? 0;
      difference += drawn * (differences[group] ?? 0);
      size += drawn * (sizes[group] ?? 0);
    }
    means.push(ratio(difference, size));
  });
  return intervalOf(ratio(sum(differences), sum(sizes)), means);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
