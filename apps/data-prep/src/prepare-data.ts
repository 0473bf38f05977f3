import type { ModelKey, Policy } from '@factory/domain';
import type { CandidateWindow, TrainingWindow } from './find-dates';
import type { InputCheck } from './input-check';

/** What a run asks of data-prep. */
export interface PrepareDataRequest extends ModelKey {
  /** Earliest start, inclusive; absent = the policy's `rangeDays` before the end. */
  readonly rangeStart?: Date | undefined;
  /** Exclusive, already resolved (see `resolveRange`). */
  readonly rangeEnd: Date;
  readonly policy: Policy;
}

/** What data-prep finds out. Ranges are half-open, UTC. */
export interface PreparedData {
  /** The chosen training window; its end is `trainEnd`. */
  readonly window: TrainingWindow;
  readonly trainEnd: Date;
  /** `[trainEnd, end)`; start = end when the policy wants none. */
  readonly outOfTime: { readonly start: Date; readonly end: Date };
  readonly candidates: readonly CandidateWindow[];
  readonly checks: readonly InputCheck[];
}
