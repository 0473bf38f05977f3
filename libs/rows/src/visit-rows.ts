import type { RawRow } from '@factory/domain';

/** Visits to be scored, as read from a file. */
export interface VisitRows {
  readonly format: 'csv' | 'json' | 'ndjson';
  /** The delimiter of a CSV file; the output uses the same. */
  readonly delimiter: string;
  /** The header of a CSV file; for JSON the fields of the first visit. */
  readonly columns: readonly string[];
  rows(): AsyncIterable<RawRow>;
}
