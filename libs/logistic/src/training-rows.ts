import type { MatrixLayout } from '@factory/normalisation';

/** Consecutive transformed rows, valid until the next block is requested. */
export interface RowBlock {
  readonly rows: number;
  /** [rows, dense columns of the layout], row-major. */
  readonly features: Float32Array;
  /** [rows, groups of the layout], row-major; an index into `layout.codedColumns`, or NO_COLUMN. */
  readonly codes: Uint16Array;
  /** [rows]; 1 = goal reached. */
  readonly labels: Uint8Array;
}

/** Rows to fit on. They are iterated about ten times, so they may be transformed anew each time. */
export interface TrainingRows {
  /** The columns of a block, and the order of the fitted weights. */
  readonly layout: MatrixLayout;
  readonly rows: number;
  /** Rows with label 1. */
  readonly goals: number;
  /**
   * The first row and every `step`-th after it, in order: the same blocks each time.
   *
   * @param step 1: all rows
   */
  readonly blocks: (step: number) => Iterable<RowBlock>;
}

/** Which rows a sum is taken over, and what it is multiplied by to stand for all rows. */
export interface RowSample {
  readonly step: number;
  /** Weight of a row's log-loss in the objective. */
  readonly rowWeight: number;
}

/** @param c weight of a row's log-loss if all rows count */
export function sampleOf({ rows }: TrainingRows, step: number, c: number): RowSample {
  return { step, rowWeight: (c * rows) / Math.ceil(rows / step) };
}

/**
 * Position of each parameter: the intercept, then the layout's dense columns, then its codes.
 *
 * @returns where the first dense column and the first code are
 */
export function placesOf({ denseColumns }: MatrixLayout): { readonly dense: number; readonly codes: number } {
  return { dense: 1, codes: 1 + denseColumns.length };
}
