import type { Bins } from '@factory/model';
import { RANDOM_GROUPS, type BinCounts, type ColumnCounts } from './bin-counts';
import { rounded } from './rounded';

/** Fewer days than this say nothing of what a day does by itself. */
const LEAST_DAYS = 14;
/** Fewer weeks than this say nothing of what a week does by itself. */
const LEAST_WEEKS = 3;
const WEEK = 7;

/** Variances of shares and how the weighted chi-square that they make is spread. */
export interface Component {
  /** [bins] */
  readonly variances: Float64Array;
  /** (tr A)^2 / tr(A^2) of A = D^-1/2 V D^-1/2, D the shares. */
  readonly df: number;
}

/** Weighted share of each bin, over all days. */
export function sharesOf({ bins, byDay }: ColumnCounts): Float64Array {
  const shares = new Float64Array(bins);
  let total = 0;
  byDay.forEach((weight, at) => {
    shares[at % bins] = (shares[at % bins] ?? 0) + weight;
    total += weight;
  });
  return shares.map((weight) => (total > 0 ? weight / total : 0));
}

/** The variance of a column's shares from visitors with all their visits, by random groups. */
export function visitorComponent(counts: ColumnCounts): Component {
  return groupComponent(counts.byVisitors, counts.bins, sharesOf(counts));
}

/**
 * The noise of a column's shares over the days of a profile.
 *
 * Two-way clustering by visitor and day: V(visitor) + V(day) - V(visitor and day), Cameron, Gelbach and Miller 2011,
 * "Robust Inference with Multiway Clustering". The latter two are kept as the variance of a single day, after the
 * weekday's own mean is taken out; likewise by weeks, and the larger of both counts.
 */
export function noiseOf(
  counts: ColumnCounts,
  { days }: Pick<BinCounts, 'days'>,
): Pick<Bins, 'byWeekday' | 'noise'> {
  const { bins } = counts;
  const shares = sharesOf(counts);
  const visitors = visitorComponent(counts);
  const weekdays = sharesByWeekday(counts, days);
  const base = {
    byWeekday: weekdays.map((one) => (one ? Array.from(one, rounded) : null)),
    noise: {
      visitors: Array.from(visitors.variances, rounded),
      visitorsDf: rounded(visitors.df),
      days: [],
      daysDf: 0,
      daysEstimateDf: 0,
    },
  };
  const fitted = weekdays.filter((one) => one !== undefined).length;
  if (days.length < LEAST_DAYS || fitted >= days.length) return base;

  const sizes = Float64Array.from(days, (_, day) =>
    sumOf(counts.byDay.subarray(day * bins, (day + 1) * bins)),
  );
  const total = sumOf(sizes);
  const residuals = new Float64Array(days.length * bins);
  days.forEach((day, at) => {
    const expected = weekdays[weekdayOf(day)];
    for (let bin = 0; bin < bins; bin++)
      residuals[at * bins + bin] =
        (counts.byDay[at * bins + bin] ?? 0) - (sizes[at] ?? 0) * (expected?.[bin] ?? 0);
  });
  const cells = groupComponent(counts.byVisitorDays, bins, shares);
  const daily = blockNoise(residuals, sizes, bins, shares, days.length / (days.length - fitted));
  const last = days.at(-1) ?? 0;
  const weekOf = Array.from(days, (day) => Math.floor((last - day) / WEEK));
  const weeks = (weekOf[0] ?? 0) + 1;
  const weekly = blockNoise(
    merged(residuals, weekOf, weeks, bins),
    merged(sizes, weekOf, weeks, 1),
    bins,
    shares,
    weeks / (weeks - 1),
  );
  const sumOfSquares = sizes.reduce((sum, size) => sum + (size / total) ** 2, 0);
  const dayVariances = ({ variances }: Component): Float64Array => {
    // What visitors' visits of a day explain is in the visitors' variance already. Taken off all bins alike: the trace
    // is known far better than its parts.
    const explained =
      traceOf(cells.variances, shares) / Math.max(traceOf(variances, shares), Number.MIN_VALUE);
    return variances.map((variance) => (variance * Math.max(0, 1 - explained)) / sumOfSquares);
  };
  const ofDay = dayVariances(daily);
  const ofWeek = weeks >= LEAST_WEEKS ? dayVariances(weekly) : new Float64Array(bins);
  const isWeekly = traceOf(ofWeek, shares) > traceOf(ofDay, shares);
  return {
    ...base,
    noise: {
      ...base.noise,
      days: Array.from(isWeekly ? ofWeek : ofDay, rounded),
      daysDf: rounded(isWeekly ? weekly.df : daily.df),
      daysEstimateDf: isWeekly ? weeks - 1 : days.length - fitted,
    },
  };
}

/** Sum of variances over shares: the mean of sum (q - p)^2 / p. */
export function traceOf(variances: ArrayLike<number>, shares: ArrayLike<number>): number {
  let trace = 0;
  for (let bin = 0; bin < shares.length; bin++) {
    const share = shares[bin] ?? 0;
    if (share > 0) trace += (variances[bin] ?? 0) / share;
  }
  return trace;
}

/** 0 = Sunday; day 0 of the epoch was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % WEEK) + WEEK) % WEEK;
}

function sharesByWeekday({ bins, byDay }: ColumnCounts, days: Int32Array): (Float64Array | undefined)[] {
  const sums = Array.from({ length: WEEK }, () => new Float64Array(bins));
  days.forEach((day, at) => {
    const sum = sums[weekdayOf(day)];
    if (sum) for (let bin = 0; bin < bins; bin++) sum[bin] = (sum[bin] ?? 0) + (byDay[at * bins + bin] ?? 0);
  });
  return sums.map((sum) => {
    const total = sumOf(sum);
    return total > 0 ? sum.map((weight) => weight / total) : undefined;
  });
}

/** @param weights [groups][bins] */
function groupComponent(weights: Float64Array, bins: number, shares: Float64Array): Component {
  const residuals = new Float64Array(weights.length);
  const sizes = new Float64Array(RANDOM_GROUPS);
  for (let group = 0; group < RANDOM_GROUPS; group++) {
    const size = sumOf(weights.subarray(group * bins, (group + 1) * bins));
    sizes[group] = size;
    for (let bin = 0; bin < bins; bin++)
      residuals[group * bins + bin] = (weights[group * bins + bin] ?? 0) - size * (shares[bin] ?? 0);
  }
  return blockNoise(residuals, sizes, bins, shares, RANDOM_GROUPS / (RANDOM_GROUPS - 1));
}

/**
 * Variance of shares from independent blocks, by the linearised ratio.
 *
 * @param residuals [blocks][bins] weight less size times expected share
 * @param sizes [blocks] weights
 * @param correction blocks / degrees of freedom
 */
function blockNoise(
  residuals: Float64Array,
  sizes: Float64Array,
  bins: number,
  shares: Float64Array,
  correction: number,
): Component {
  const total = sumOf(sizes);
  const matrix = new Float64Array(bins * bins);
  for (let from = 0; from < residuals.length; from += bins)
    for (let a = 0; a < bins; a++)
      for (let b = 0; b < bins; b++)
        matrix[a * bins + b] =
          (matrix[a * bins + b] ?? 0) + (residuals[from + a] ?? 0) * (residuals[from + b] ?? 0);
  const scale = total > 0 ? correction / (total * total) : 0;
  const variances = Float64Array.from({ length: bins }, (_, bin) => (matrix[bin * bins + bin] ?? 0) * scale);
  let trace = 0;
  let squares = 0;
  for (let a = 0; a < bins; a++) {
    if (!((shares[a] ?? 0) > 0)) continue;
    trace += (variances[a] ?? 0) / (shares[a] ?? 1);
    for (let b = 0; b < bins; b++)
      if ((shares[b] ?? 0) > 0)
        squares += ((matrix[a * bins + b] ?? 0) * scale) ** 2 / ((shares[a] ?? 1) * (shares[b] ?? 1));
  }
  return { variances, df: squares > 0 ? (trace * trace) / squares : 0 };
}

/** Blocks of several days each, of [days][width]. */
function merged(
  values: Float64Array,
  blockOf: readonly number[],
  blocks: number,
  width: number,
): Float64Array {
  const out = new Float64Array(blocks * width);
  blockOf.forEach((block, day) => {
    for (let at = 0; at < width; at++)
      out[block * width + at] = (out[block * width + at] ?? 0) + (values[day * width + at] ?? 0);
  });
  return out;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0);
}
