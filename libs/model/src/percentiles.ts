import { RunSkippedError } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';

const SCHEMA_VERSION = 1;
/** Steps of the table: 0, 0.1 ... 100 %. */
const STEPS = 1000;

export const percentilesSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  /** Judging rows. */
  rows: z.number().int().positive(),
  /** Visits that they represent. */
  weight: z.number().positive(),
  /** Percent between two entries. */
  step: z.literal(100 / STEPS),
  /** [1001] ascending: at i x step percent the smallest score that this fraction of visits does not exceed. */
  scores: z.array(z.number()).length(STEPS + 1),
});

/** `percentiles.json`: distribution of the natural-prior scores of the judging rows, for `percentileOf`. */
export type Percentiles = z.infer<typeof percentilesSchema>;

/**
 * Tabulates the scores of the judging rows.
 *
 * @param scores [rows] natural-prior probabilities
 * @param weights [rows] visits that each row stands for
 * @throws RunSkippedError `no-judging-rows`
 */
export function buildPercentiles(scores: Float64Array, weights: Float64Array): Percentiles {
  const order = Uint32Array.from(scores, (_, row) => row).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const weight = weights.reduce((sum, one) => sum + one, 0);
  if (!(weight > 0)) {
    throw new RunSkippedError('no-judging-rows', 'no row is left to judge the model by: widen the range');
  }
  const table: number[] = [];
  let done = 0;
  for (const row of order) {
    done += weights[row] ?? 0;
    while (table.length <= STEPS && done >= (table.length / STEPS) * weight) table.push(scores[row] ?? 0);
  }
  // Rounding may leave the sum of weights slightly below the total.
  const highest = scores[order[order.length - 1] ?? 0] ?? 0;
  while (table.length <= STEPS) table.push(highest);
  return { schemaVersion: SCHEMA_VERSION, rows: scores.length, weight, step: 100 / STEPS, scores: table };
}

/**
 * Weighted fraction of judging rows below the score plus half of those equal to it, in percent; 100 = best.
 * Exact to one step of the table: the middle of a run of equal entries, interpolated between two entries.
 *
 * @returns [0, 100]
 */
export function percentileOf(percentiles: Percentiles, probability: number): number {
  const { scores, step } = percentiles;
  const first = countBelow(scores, (score) => score < probability);
  const after = countBelow(scores, (score) => score <= probability);
  // Divided, as 534 x .1 is 53.400000000000006.
  const steps = 1 / step;
  if (first < after) return (first + after - 1) / 2 / steps;
  if (first === 0) return 0;
  if (first === scores.length) return 100;
  const low = scores[first - 1] ?? 0;
  const high = scores[first] ?? 0;
  return (first - 1 + (probability - low) / (high - low)) / steps;
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parsePercentiles(json: unknown): Percentiles {
  return parseVersioned('percentiles.json', SCHEMA_VERSION, percentilesSchema, json);
}

/** Number of leading entries that pass the test, by bisection. */
function countBelow(scores: readonly number[], passes: (score: number) => boolean): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(scores[middle] ?? Infinity)) low = middle + 1;
    else high = middle;
  }
  return low;
}
