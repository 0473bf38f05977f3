import type { DrawnCounts } from '@factory/contracts';
import type { Dataset, ModelKey, Policy } from '@factory/domain';
import type { SamplingLedger } from './sampling-ledger';

/** What a run asks of sampling. */
export interface DrawSampleRequest extends ModelKey {
  /** Half-open, UTC: training visits in `[start, trainEnd)`, out-of-time visits in `[trainEnd, end)`. */
  readonly window: { readonly start: Date; readonly trainEnd: Date; readonly end: Date };
  readonly policy: Policy;
  /** Changes which visits are drawn, never their marks; absent = fixed per source, product and goal. */
  readonly seed?: string | undefined;
}

export interface DrawnSample {
  /** Ordered by the bytes of the visit id. */
  readonly dataset: Dataset;
  readonly counts: DrawnCounts;
  /** Everything of dataset.json but the file's own hash: complete it with `describeDataset`. */
  readonly ledger: SamplingLedger;
}
