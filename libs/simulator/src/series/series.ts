import type { Dataset } from '@factory/domain';

/** Which visits have a row in a feature table. */
export interface SeriesTable {
  readonly table: string;
  readonly missing: 'zero' | 'unknown';
  readonly columns: readonly string[];
  /** [rows] 1 = the visit has a row. */
  readonly hasRow: Uint8Array;
}

/** All visits of a product over some time, in order of time, each with weight 1. */
export interface Series extends Dataset {
  readonly tables: readonly SeriesTable[];
}
