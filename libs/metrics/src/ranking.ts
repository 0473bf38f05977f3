import { BadInputError } from '@factory/domain';

/**
 * Rows ordered by score, highest first, with equal scores as one block: all that the ranking metrics need, from
 * one sort. The arrays have one entry for each distinct score.
 */
export interface Ranking {
  /** Distinct scores, descending. */
  readonly scores: Float64Array;
  /** Weight of the block's goals. */
  readonly positives: Float64Array;
  /** Weight of the block's other visits. */
  readonly negatives: Float64Array;
  readonly totalPositive: number;
  readonly totalNegative: number;
}

/**
 * @param scores [rows] higher = more likely
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] at least 0
 * @throws BadInputError `invalid-scores` if a score is not finite, or the lengths differ
 */
export function rankScores(scores: Float64Array, labels: Uint8Array, weights: Float64Array): Ranking {
  checkScores(scores, labels, weights);
  const distinct = distinctDescending(scores);
  const positives = new Float64Array(distinct.length);
  const negatives = new Float64Array(distinct.length);
  let totalPositive = 0;
  let totalNegative = 0;
  for (let row = 0; row < scores.length; row++) {
    const block = blockOf(distinct, scores[row] ?? 0);
    const weight = weights[row] ?? 0;
    if (labels[row] === 1) {
      positives[block] = (positives[block] ?? 0) + weight;
      totalPositive += weight;
    } else {
      negatives[block] = (negatives[block] ?? 0) + weight;
      totalNegative += weight;
    }
  }
  return { scores: distinct, positives, negatives, totalPositive, totalNegative };
}

/** Sorted as plain numbers, without a comparison in JavaScript, which would box each of them. */
function distinctDescending(scores: Float64Array): Float64Array {
  const sorted = scores.slice().sort().reverse();
  let count = 0;
  for (let at = 0; at < sorted.length; at++)
    if (count === 0 || sorted[count - 1] !== sorted[at]) sorted[count++] = sorted[at] ?? 0;
  return sorted.subarray(0, count);
}

/** Where a score is among descending ones, of which it is one. */
function blockOf(descending: Float64Array, score: number): number {
  let [low, high] = [0, descending.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((descending[middle] ?? 0) > score) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @throws BadInputError `invalid-scores` */
export function checkScores(scores: Float64Array, labels: Uint8Array, weights: Float64Array): void {
  if (labels.length !== scores.length || weights.length !== scores.length) {
    throw new BadInputError('invalid-scores', {
      field: 'labels.length, weights.length',
      value: [labels.length, weights.length],
      todo: `give one of each for the ${scores.length} scores`,
    });
  }
  const row = scores.findIndex((score) => !Number.isFinite(score));
  if (row >= 0) {
    throw new BadInputError('invalid-scores', {
      field: `scores[${row}]`,
      value: String(scores[row]),
      todo: 'leave this model out: its scores are not finite numbers',
    });
  }
}

/** a / b, and 0 where b is 0 (rules R7). */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
