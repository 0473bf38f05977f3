import type { DrawnCounts } from '@factory/contracts';
import type { Mark, ModelKey } from '@factory/domain';

/** Population, drawn and fraction of one class in one part (or of one day of it when de-trended). */
export interface DrawnClass {
  readonly population: number;
  readonly drawn: number;
  /** drawn / population; 1 when there is nobody. */
  readonly fraction: number;
}

/** One statement as it ran; `rows` is what it returned or wrote. */
export interface RanQuery {
  readonly name: string;
  readonly sql: string;
  readonly parameters: readonly (string | number | null)[];
  readonly rows: number;
  readonly seconds: number;
}

/** How a dataset came to be (RULES R2, R3): the content of dataset.json. */
export interface SamplingLedger extends ModelKey {
  readonly schemaVersion: 1;
  readonly window: { readonly start: string; readonly trainEnd: string; readonly end: string };
  /** Of the draw: `h(seed|draw, visit)` and `h(seed|oot, visit)`. */
  readonly seed: string;
  /** Of the marks: `h(markSeed, visitor)`. */
  readonly markSeed: string;
  readonly training: { readonly goals: DrawnClass; readonly others: DrawnClass };
  readonly outOfTime: { readonly goals: DrawnClass; readonly others: DrawnClass };
  readonly f1: number;
  readonly f0: number;
  /** Days of a de-trended draw, each with its own rate of others. */
  readonly days?: readonly (DrawnClass & { readonly day: string; readonly goals: number })[];
  readonly rows: number;
  /** Rows by mark, and each mark's share of the training part. */
  readonly marks: Readonly<
    Record<Mark, { readonly rows: number; readonly goals: number; readonly share: number }>
  >;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: 'number' | 'category';
    readonly table: string;
  }[];
  readonly dropped: readonly { readonly column: string; readonly reason: string }[];
  readonly counts: DrawnCounts;
  readonly queries: readonly RanQuery[];
}

/** dataset.json: the ledger with the file that it describes. */
export interface DatasetDescription extends SamplingLedger {
  readonly dataset: { readonly key: string; readonly sha256: string; readonly bytes: number };
}

/** Completes the ledger when the file has been written. */
export function describeDataset(
  ledger: SamplingLedger,
  dataset: DatasetDescription['dataset'],
): DatasetDescription {
  return { ...ledger, dataset: { key: dataset.key, sha256: dataset.sha256, bytes: dataset.bytes } };
}
