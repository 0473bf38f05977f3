import type { Bins, Profile } from '@factory/model';
import type { BinCounts, ColumnCounts } from '../profile/bin-counts';
import { RANDOM_GROUPS } from '../profile/bin-counts';
import { sharesOf, traceOf, visitorComponent, weekdayOf } from '../profile/noise';
import { fQuantile, fUpperTail } from './f-distribution';

const DAY_MS = 86_400_000;
/** Bins that should hold fewer rows, or less of them, are one bin: the chi-square would not hold (Cochran 1954). */
const LEAST_EXPECTED = 5;
const LEAST_SHARE = 0.005;

/** How a column's shares on new days compare with the profile's. */
export interface Shift {
  /** Population stability index, sum (q - p) ln(q / p). */
  readonly psi: number;
  /** Mean of the index if nothing has moved. */
  readonly expected: number;
  /** Degrees of freedom of its distribution then: psi / expected is F(first, second). */
  readonly first: number;
  readonly second: number;
  /** Chance of such an index if nothing has moved. */
  readonly p: number;
  /** Cohen's w of what is beyond chance: sqrt(sum (q - p)^2 / p less its mean by chance), 0 at least. */
  readonly effect: number;
  /** Independent rows that would tell a difference of shares as well. */
  readonly worth: number;
  /** Shares of all bins before (at the weekdays of the new days) and now. */
  readonly before: Float64Array;
  readonly now: Float64Array;
}

/** The index that chance exceeds with this probability. */
export function psiLimit(
  { expected, first, second }: Pick<Shift, 'expected' | 'first' | 'second'>,
  tail: number,
): number {
  return expected * fQuantile(tail, first, second);
}

interface Part {
  readonly trace: number;
  /** Of the weighted chi-square, and of the estimate of its trace. */
  readonly df: number;
  readonly estimateDf: number;
}

/**
 * Compares new days with a profile, weekday by weekday.
 *
 * If nothing has moved, the index is a weighted sum of chi-squares (Yurdakul 2018; Rao and Scott 1981). Its mean is the
 * trace of the shares' covariance: of visitors now and then (random groups), and of what days do by themselves (from the
 * profile's own days and weeks). Degrees of freedom by Satterthwaite 1946, with an F for the trace is estimated (Thomas
 * and Rao 1987). Visitors of both times make the true variance smaller: that is ignored, to the safe side.
 *
 * @returns undefined where that cannot be told: too few days in the profile, or no two bins of enough rows
 */
export function testShift(
  bins: Bins,
  profile: Pick<Profile, 'days' | 'effectiveRows'>,
  column: ColumnCounts,
  counts: Pick<BinCounts, 'days' | 'effectiveRows'>,
): Shift | undefined {
  const { noise } = bins;
  if (noise.days.length === 0 || counts.effectiveRows === 0) return undefined;
  const mix = mixOf(profile, column, counts.days);
  if (!mix) return undefined;
  const before = expectedShares(bins, mix.weekdays);
  const now = sharesOf(column);
  const pools = poolsOf(before, Math.min(profile.effectiveRows, counts.effectiveRows));
  const size = Math.max(...pools) + 1;
  if (size < 2) return undefined;
  const p = pooled(before, pools, size);
  const q = pooled(now, pools, size);

  const visitorsNow = visitorComponent(column);
  const independent = now.filter((share) => share > 0).length - 1;
  // As a design effect: variances under the new shares would hide a large shift in bins that were small.
  const designEffect =
    independent > 0 ? traceOf(visitorsNow.variances, now) / (independent / counts.effectiveRows) : 1;
  const parts: Part[] = [
    {
      trace: (Math.max(designEffect, 1) * (size - 1)) / counts.effectiveRows,
      df: Math.max(1, Math.min(visitorsNow.df || size - 1, size - 1)),
      estimateDf: RANDOM_GROUPS - 1,
    },
    {
      trace: mix.inflation * traceOf(pooled(noise.visitors, pools, size), p),
      df: Math.max(1, Math.min(noise.visitorsDf, size - 1)),
      estimateDf: RANDOM_GROUPS - 1,
    },
    {
      trace: mix.daySquares * traceOf(pooled(noise.days, pools, size), p),
      df: Math.max(1, Math.min(noise.daysDf, size - 1)),
      estimateDf: Math.max(1, noise.daysEstimateDf),
    },
  ];
  const expected = parts.reduce((sum, { trace }) => sum + trace, 0);
  // The norm of a sum of matrices is at most the sum of their norms: never too many degrees of freedom.
  const norm = parts.reduce((sum, { trace, df }) => sum + trace / Math.sqrt(df), 0);
  const first = (expected / norm) ** 2;
  const second =
    expected ** 2 / parts.reduce((sum, { trace, df, estimateDf }) => sum + trace ** 2 / (df * estimateDf), 0);
  let psi = 0;
  let chiSquare = 0;
  for (let bin = 0; bin < size; bin++) {
    const share = p[bin] ?? 0;
    const floored = Math.max(q[bin] ?? 0, 0.5 / counts.effectiveRows);
    psi += (floored - share) * Math.log(floored / share);
    chiSquare += ((q[bin] ?? 0) - share) ** 2 / share;
  }
  return {
    psi,
    expected,
    first,
    second,
    p: fUpperTail(psi / expected, first, second),
    effect: Math.sqrt(Math.max(0, chiSquare - expected)),
    worth: (size - 1) / expected,
    before,
    now,
  };
}

/** Shares of the new rows by weekday, and what unequal weekdays and days do to variances. */
function mixOf(profile: Pick<Profile, 'days'>, { bins, byDay }: ColumnCounts, days: Int32Array) {
  const weekdays = new Float64Array(7);
  const then = new Float64Array(7);
  for (const { day, weight } of profile.days) {
    const at = weekdayOf(Math.floor(Date.parse(day) / DAY_MS));
    then[at] = (then[at] ?? 0) + weight;
  }
  const sizes = Float64Array.from(days, (_, at) =>
    byDay.subarray(at * bins, (at + 1) * bins).reduce((sum, one) => sum + one, 0),
  );
  const total = sizes.reduce((sum, one) => sum + one, 0);
  const totalThen = then.reduce((sum, one) => sum + one, 0);
  if (!(total > 0) || !(totalThen > 0)) return undefined;
  days.forEach((day, at) => {
    const weekday = weekdayOf(day);
    weekdays[weekday] = (weekdays[weekday] ?? 0) + (sizes[at] ?? 0) / total;
  });
  const inflation = weekdays.reduce((sum, share, at) => {
    const before = (then[at] ?? 0) / totalThen;
    return sum + (before > 0 ? share ** 2 / before : share);
  }, 0);
  const daySquares = sizes.reduce((sum, one) => sum + (one / total) ** 2, 0);
  return { weekdays, inflation, daySquares };
}

function expectedShares({ shares, byWeekday }: Bins, weekdays: Float64Array): Float64Array {
  const out = new Float64Array(shares.length);
  weekdays.forEach((weight, weekday) => {
    const of = byWeekday[weekday] ?? shares;
    for (let bin = 0; bin < out.length; bin++) out[bin] = (out[bin] ?? 0) + weight * (of[bin] ?? 0);
  });
  return out;
}

/**
 * Which bin each becomes part of, judged by what is expected alone: those too small are one, or, if that is too small,
 * part of the smallest other.
 */
function poolsOf(expected: Float64Array, rows: number): number[] {
  const isLarge = (share: number): boolean => share >= LEAST_SHARE && share * rows >= LEAST_EXPECTED;
  const large = [...expected.keys()].filter((bin) => isLarge(expected[bin] ?? 0));
  const left = expected.reduce((sum, share) => sum + (isLarge(share) ? 0 : share), 0);
  const smallest = large.reduce(
    (best, bin, at) => ((expected[bin] ?? 0) < (expected[large[best] ?? 0] ?? 0) ? at : best),
    0,
  );
  const rest = isLarge(left) ? large.length : smallest;
  return Array.from(expected, (share, bin) => (isLarge(share) ? large.indexOf(bin) : rest));
}

function pooled(values: ArrayLike<number>, pools: readonly number[], size: number): Float64Array {
  const out = new Float64Array(size);
  pools.forEach((pool, bin) => (out[pool] = (out[pool] ?? 0) + (values[bin] ?? 0)));
  return out;
}
