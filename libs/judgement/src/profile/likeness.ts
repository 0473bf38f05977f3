import { mixed } from './profile-batch';

/** Buckets of a sketch: distances come out within about 9 % (sqrt(2 / 256)). */
const BUCKETS = 256;
/** 1 - |correlation| up to which columns count as alike. */
const MOST_APART = 1e-3;

/**
 * What a column of numbers is like, as 2 x 256 numbers whatever the rows: sums of values with random signs. Distances
 * between standardised columns, and so correlations near 1, survive in it.
 * Source: Charikar, Chen and Farach-Colton 2002, "Finding Frequent Items in Data Streams" (count sketch); that it keeps
 * distances: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
 */
export class NumberLikeness {
  private readonly values = new Float64Array(BUCKETS);
  private readonly ones = new Float64Array(BUCKETS);

  /**
   * @param row of the dataset, the same for all columns
   * @param value known, less a constant of the column's own
   */
  add(row: number, value: number): void {
    const hash = mixed(row + 1);
    const bucket = hash & (BUCKETS - 1);
    const sign = hash >>> 31 === 1 ? -1 : 1;
    this.values[bucket] = (this.values[bucket] ?? 0) + sign * value;
    this.ones[bucket] = (this.ones[bucket] ?? 0) + sign;
  }

  /** The standardised column: its sum of squares over rows is 1. Undefined if it does not vary. */
  direction(mean: number, sumOfSquares: number): Float64Array | undefined {
    if (!(sumOfSquares > 0)) return undefined;
    const size = Math.sqrt(sumOfSquares);
    return this.values.map((sum, at) => (sum - mean * (this.ones[at] ?? 0)) / size);
  }
}

/** What a column of categories is like: equal for columns that tell the same rows apart, whatever their levels' names. */
export class CategoryLikeness {
  private readonly firstSeen = new Map<number, number>();
  private hash = 0;
  private secondHash = 0x9e3779b9;

  add(code: number): void {
    let number = this.firstSeen.get(code);
    if (number === undefined) {
      number = this.firstSeen.size;
      this.firstSeen.set(code, number);
    }
    this.hash = mixed(Math.imul(this.hash, 31) + number + 1);
    this.secondHash = mixed(Math.imul(this.secondHash ^ number, 0x01000193));
  }

  /** Undefined if it does not vary. */
  get key(): string | undefined {
    return this.firstSeen.size < 2 ? undefined : `${this.firstSeen.size}/${this.hash}/${this.secondHash}`;
  }
}

export interface LikeColumn {
  readonly name: string;
  readonly direction?: Float64Array;
  readonly key?: string;
}

/** Groups of at least two columns that say the same, in the columns' order. Each is compared with one of each group. */
export function alikeColumns(columns: readonly LikeColumn[]): string[][] {
  const groups: { first: LikeColumn; names: string[] }[] = [];
  for (const column of columns) {
    if (!column.direction && column.key === undefined) continue;
    const group = groups.find(({ first }) => isAlike(first, column));
    if (group) group.names.push(column.name);
    else groups.push({ first: column, names: [column.name] });
  }
  return groups.map(({ names }) => names).filter((names) => names.length > 1);
}

function isAlike(a: LikeColumn, b: LikeColumn): boolean {
  if (a.key !== undefined || b.key !== undefined) return a.key === b.key;
  if (!a.direction || !b.direction) return false;
  // Of unit vectors, |a - b|^2 = 2 - 2 correlation: near 0 it is kept far more exactly than the product.
  let minus = 0;
  let plus = 0;
  for (let at = 0; at < BUCKETS; at++) {
    minus += ((a.direction[at] ?? 0) - (b.direction[at] ?? 0)) ** 2;
    plus += ((a.direction[at] ?? 0) + (b.direction[at] ?? 0)) ** 2;
  }
  return Math.min(minus, plus) / 2 <= MOST_APART;
}
