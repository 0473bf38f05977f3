import { quantile, type RawRow } from '@factory/domain';
import { Scorer, type ScoringParts } from '@factory/model';

/** Passes over the rows that are timed, after one that is not. */
const PASSES = 3;

/**
 * Median time in microseconds to score one raw row as any user of a bundle does.
 *
 * @param now milliseconds of a clock with fractions
 * @returns undefined without rows
 */
export function rowLatency(
  parts: ScoringParts,
  rows: readonly RawRow[],
  now: () => number,
): number | undefined {
  if (rows.length === 0) return undefined;
  const scorer = new Scorer(parts);
  for (const row of rows) scorer.score(row);
  const times = new Float64Array(PASSES * rows.length).map((_, at) => {
    const row = rows[at % rows.length];
    const begun = now();
    if (row) scorer.score(row);
    return 1000 * (now() - begun);
  });
  times.sort();
  return quantile((at) => times[at] ?? 0, times.length, 0.5);
}
