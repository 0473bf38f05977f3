import type { RawRow } from '@factory/domain';

/** Visits to be scored, as a file has them. */
export interface VisitRows {
  readonly format: 'csv' | 'json' | 'ndjson';
  /** Of CSV; the output uses the same. */
  readonly delimiter: string;
  /** Header of a CSV; of JSON the fields of the first visit. */
  readonly columns: readonly string[];
  rows(): AsyncIterable<RawRow>;
}
