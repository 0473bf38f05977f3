import { type CategoryColumn, type Column, type NumberColumn, compareBytes, quantile } from '@factory/domain';
import { meanAndDeviation } from './statistics';

/** Statistics of a column of numbers on the profiled rows. All figures are 0 if no value is known. */
export interface NumberProfile {
  readonly kind: 'number';
  readonly name: string;
  readonly rows: number;
  /** Rows whose value is unknown or not finite. */
  readonly unknown: number;
  /** Rows whose value is known and 0. */
  readonly zeros: number;
  /** Of the known values. */
  readonly min: number;
  readonly max: number;
  readonly median: number;
  /** From here on: of all rows, unknown ones at the median. Quantiles of type 7. */
  readonly q1: number;
  readonly q3: number;
  readonly mean: number;
  readonly deviation: number;
  /** Of the values inside [q1 - 1.5 IQR, q3 + 1.5 IQR]. */
  readonly trimmedMean: number;
  readonly trimmedDeviation: number;
}

/** Statistics of a column of categories on the profiled rows. */
export interface CategoryProfile {
  readonly kind: 'category';
  readonly name: string;
  readonly rows: number;
  readonly unknown: number;
  /** Levels that occur, most frequent first, ties by bytes. */
  readonly levels: readonly { readonly level: string; readonly count: number }[];
}

export type ColumnProfile = NumberProfile | CategoryProfile;

/**
 * Computes the statistics of each column on the given rows.
 *
 * Leakage starts here: give TRAIN rows only, never the rows that a model is judged by.
 *
 * @param rows row numbers into the columns
 */
export function profileColumns(columns: readonly Column[], rows: Uint32Array): ColumnProfile[] {
  // One buffer for all columns: with hundreds of thousands of rows, one per column would pile up as garbage.
  const scratch = { known: new Float32Array(rows.length), imputed: new Float64Array(rows.length) };
  return columns.map((column) =>
    column.kind === 'number' ? profileNumbers(column, rows, scratch) : profileCategories(column, rows),
  );
}

/** Buffers of one column, reused for the next. Each [rows]. */
interface Scratch {
  readonly known: Float32Array;
  readonly imputed: Float64Array;
}

function profileNumbers(column: NumberColumn, rows: Uint32Array, scratch: Scratch): NumberProfile {
  const known = knownValues(column, rows, scratch.known).sort();
  const unknown = rows.length - known.length;
  let zeros = 0;
  for (const value of known) if (value === 0) zeros++;
  // Never -0, which JSON cannot represent.
  const median = quantile((index) => known[index] ?? 0, known.length, 0.5) + 0;
  const { imputed } = scratch;
  const below = Math.ceil(known.length / 2);
  imputed.set(known.subarray(0, below));
  imputed.fill(median, below, below + unknown);
  imputed.set(known.subarray(below), below + unknown);

  const at = (index: number) => imputed[index] ?? 0;
  const q1 = quantile(at, imputed.length, 0.25);
  const q3 = quantile(at, imputed.length, 0.75);
  const reach = 1.5 * (q3 - q1);
  const all = meanAndDeviation(imputed);
  const inside = meanAndDeviation(between(imputed, q1 - reach, q3 + reach));
  return {
    kind: 'number',
    name: column.name,
    rows: rows.length,
    unknown,
    zeros,
    min: known[0] ?? 0,
    max: known[known.length - 1] ?? 0,
    median,
    q1,
    q3,
    mean: all.mean,
    deviation: all.deviation,
    trimmedMean: inside.mean,
    trimmedDeviation: inside.deviation,
  };
}

/** The part of ascending values from `low` to `high`, both included. */
function between(ascending: Float64Array, low: number, high: number): Float64Array {
  let from = 0;
  while (from < ascending.length && (ascending[from] ?? 0) < low) from++;
  let to = ascending.length;
  while (to > from && (ascending[to - 1] ?? 0) > high) to--;
  return ascending.subarray(from, to);
}

function knownValues(column: NumberColumn, rows: Uint32Array, known: Float32Array): Float32Array {
  let count = 0;
  for (const row of rows) {
    const value = column.values[row] ?? NaN;
    if (Number.isFinite(value)) known[count++] = value;
  }
  return known.subarray(0, count);
}

function profileCategories(column: CategoryColumn, rows: Uint32Array): CategoryProfile {
  const counts = new Uint32Array(column.levels.length);
  let unknown = 0;
  for (const row of rows) {
    const code = column.codes[row] ?? -1;
    if (code < 0) unknown++;
    else counts[code] = (counts[code] ?? 0) + 1;
  }
  const levels = column.levels
    .map((level, code) => ({ level, count: counts[code] ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || compareBytes(a.level, b.level));
  return { kind: 'category', name: column.name, rows: rows.length, unknown, levels };
}
