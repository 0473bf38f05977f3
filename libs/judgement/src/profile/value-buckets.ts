import type { Ranking } from '@factory/metrics';

/** Bits of an ordered float32 that name its bucket: sign, exponent and 8 of the mantissa. */
const DROPPED_BITS = 15;
const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;
const PAGES = 1 << (32 - DROPPED_BITS - PAGE_BITS);

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Values of one octave and sign, or what of it is used. */
interface Page {
  readonly goals: Float64Array;
  readonly others: Float64Array;
  /** Smallest value of each bucket. */
  readonly least: Float32Array;
}

/** One bucket of values that are at most .4 % apart. */
export interface Bucket {
  /** Its smallest value. */
  readonly value: number;
  /** Weight of the goals and of the other visits in it. */
  readonly goals: number;
  readonly others: number;
}

/**
 * Weighted distribution of float32 values in one pass and bounded memory, without regard to the order of rows. Each
 * octave is cut into 256 buckets, so quantiles are exact for whole numbers up to 512 and for all values that share their
 * bucket with no other; else at most 2^-8 = .4 % below the true one. Counts between bounds of buckets are exact.
 *
 * Memory: 5 KiB an octave and sign that occurs (a usual column: 5 to 25), at most 512 of them, whatever the rows.
 * The idea is that of HdrHistogram and of Masson, Rim and Lee 2019, "DDSketch".
 */
export class ValueBuckets {
  private readonly pages: (Page | undefined)[] = new Array<Page | undefined>(PAGES);

  /** @param value finite */
  add(value: number, weight: number, isGoal: boolean): void {
    // Adding 0 makes 0 of -0.
    float[0] = value + 0;
    const raw = bits[0] ?? 0;
    const key = raw >>> 31 === 1 ? ~raw >>> 0 : (raw | 0x80000000) >>> 0;
    const at = key >>> (DROPPED_BITS + PAGE_BITS);
    const page = (this.pages[at] ??= newPage());
    const bucket = (key >>> DROPPED_BITS) & (PAGE - 1);
    const side = isGoal ? page.goals : page.others;
    side[bucket] = (side[bucket] ?? 0) + weight;
    const least = page.least[bucket] ?? Infinity;
    if (!(value >= least)) page.least[bucket] = float[0];
  }

  /** Buckets that hold values, ascending. */
  *ascending(): Generator<Bucket> {
    for (const page of this.pages) {
      if (!page) continue;
      for (let at = 0; at < PAGE; at++) {
        const value = page.least[at] ?? Infinity;
        if (value !== Infinity) yield { value, goals: page.goals[at] ?? 0, others: page.others[at] ?? 0 };
      }
    }
  }
}

function newPage(): Page {
  return {
    goals: new Float64Array(PAGE),
    others: new Float64Array(PAGE),
    least: new Float32Array(PAGE).fill(Infinity),
  };
}

/**
 * Smallest values that at least these shares of the weight do not exceed.
 *
 * @param buckets ascending
 * @param shares ascending, in [0, 1]
 * @returns 0 each if there is no weight
 */
export function bucketQuantiles(buckets: readonly Bucket[], shares: readonly number[]): number[] {
  const total = buckets.reduce((sum, one) => sum + one.goals + one.others, 0);
  const out: number[] = [];
  let done = 0;
  for (const { value, goals, others } of buckets) {
    done += goals + others;
    // A hair of tolerance: sums of weights such as 1/f round.
    while (out.length < shares.length && done >= (shares[out.length] ?? 1) * total * (1 - 1e-12))
      out.push(value);
  }
  const last = buckets.at(-1)?.value ?? 0;
  while (out.length < shares.length) out.push(last);
  return out;
}

/** The ranking metrics' view of values: each bucket is a block of equal scores. */
export function rankingOf(buckets: readonly Bucket[]): Ranking {
  const descending = [...buckets].reverse();
  return {
    scores: Float64Array.from(descending, ({ value }) => value),
    positives: Float64Array.from(descending, ({ goals }) => goals),
    negatives: Float64Array.from(descending, ({ others }) => others),
    totalPositive: descending.reduce((sum, { goals }) => sum + goals, 0),
    totalNegative: descending.reduce((sum, { others }) => sum + others, 0),
  };
}
