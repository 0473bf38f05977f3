import { sigmoid } from '@factory/domain';
import type { ScoredVisits } from './score-visits';

/** Rows to measure on: one entry per chosen row in each array. */
export interface JudgedRows {
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

export function judgedRowsOf({ labels, weights }: ScoredVisits, rows: Uint32Array): JudgedRows {
  return {
    labels: Uint8Array.from(rows, (row) => labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => weights[row] ?? 0),
  };
}

/** Natural probabilities of some rows. */
export function probabilitiesOf(logits: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => sigmoid(logits[row] ?? NaN));
}

/** The same if all of them are numbers. */
export function finiteProbabilitiesOf(
  logits: Float64Array | undefined,
  rows: Uint32Array,
): Float64Array | undefined {
  const probabilities = logits && probabilitiesOf(logits, rows);
  return probabilities?.every(Number.isFinite) ? probabilities : undefined;
}
