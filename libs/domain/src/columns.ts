/** One column of a dataset, raw: unknown numbers are NaN, unknown categories have code -1. */
export type Column = NumberColumn | CategoryColumn;

export interface NumberColumn {
  readonly kind: 'number';
  readonly name: string;
  /** [rows]; NaN = unknown. */
  readonly values: Float32Array;
}

export interface CategoryColumn {
  readonly kind: 'category';
  readonly name: string;
  /** [rows]; an index into `levels`, -1 = unknown. */
  readonly codes: Int32Array;
  /** Distinct values, sorted by bytes. */
  readonly levels: readonly string[];
}

/** One visit's raw feature values by column name; null or absent = unknown. */
export type RawRow = Readonly<Record<string, number | string | null | undefined>>;

/**
 * The row's own value of a column: a column called `constructor` or `toString` must not read an inherited
 * property.
 */
export function cellOf(row: RawRow, column: string): RawRow[string] {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

/** Which part a row belongs to (rules R3). */
export const MARKS = ['train', 'validation', 'test', 'out-of-time'] as const;
export type Mark = (typeof MARKS)[number];

/** Shares of the marks by hash: below `test` is test, below `test + validation` is validation. Fixed. */
export const MARK_LIMITS = { test: 0.2, validation: 0.36 } as const;

/** The mark of a visit inside the training part, from its visitor's hash fraction. */
export function markOf(fraction: number): Exclude<Mark, 'out-of-time'> {
  if (fraction < MARK_LIMITS.test) return 'test';
  if (fraction < MARK_LIMITS.validation) return 'validation';
  return 'train';
}

/**
 * The two halves of the visitors (rules R3): what is decided or fitted on out-of-time rows, is on those of half `a`; what
 * judges afterwards, in half `b`.
 */
export const HALVES = ['a', 'b'] as const;
export type Half = (typeof HALVES)[number];

/**
 * The half of a visit. Visitors marked test are always in `b`: what is fitted on `a` never saw a visitor who judges later.
 *
 * @param markFraction hash fraction of the visitor under the seed of marks
 * @param halfFraction the same under the seed of halves
 */
export function halfOf(markFraction: number, halfFraction: number): Half {
  return markOf(markFraction) !== 'test' && halfFraction < 0.5 ? 'a' : 'b';
}

/** A dataset in memory: feature columns and what is known of each row. All arrays have one entry per row. */
export interface Dataset {
  readonly rows: number;
  readonly features: readonly Column[];
  readonly visitIds: readonly string[];
  /** Keyed hash of the visitor, or of the visit if the source has no visitors. */
  readonly visitorIds: readonly string[];
  /** Milliseconds since the epoch, UTC. */
  readonly visitTimes: Float64Array;
  /** 1 = goal reached. */
  readonly labels: Uint8Array;
  /** Index into MARKS. */
  readonly marks: Uint8Array;
  /** 1 / drawn fraction of the row's class and part. */
  readonly weights: Float64Array;
  /** Index into HALVES. Absent: all in `b`, as in files from before there were halves. */
  readonly halves?: Uint8Array;
}

/** Row numbers of one mark, ascending. */
export function rowsOf(dataset: Pick<Dataset, 'rows' | 'marks'>, mark: Mark): Uint32Array {
  const code = MARKS.indexOf(mark);
  let count = 0;
  for (let row = 0; row < dataset.rows; row++) if (dataset.marks[row] === code) count++;
  const out = new Uint32Array(count);
  for (let row = 0, at = 0; row < dataset.rows; row++) if (dataset.marks[row] === code) out[at++] = row;
  return out;
}
