import type { Trial } from '@factory/domain';
import type { TfjsBackend, EpochRecord, PausedTrial } from '@factory/engines';
import type { TrialData } from '../trial-data';
import type { TrialOutcome } from '../trial-outcome';
import type { EngineReply } from './engine-thread';

/** Start parameters of the worker thread. */
export interface BatchedWorkerSettings {
  readonly backend: TfjsBackend;
  /** Where `npm run build:tfjs-native` put the binding; absent: Node's own search for packages. */
  readonly nativeDir?: string;
}

/** Runner -> worker: trials that are trained together. The arrays of `data` are in shared memory. */
export interface BatchedOrder {
  readonly data: TrialData;
  readonly trials: readonly Trial[];
  readonly seed: string;
  /** One element in shared memory; not 0 = stop. */
  readonly cancel: Int32Array;
  readonly untilEpoch?: number;
  /** By trial number. */
  readonly resumeFrom?: ReadonlyMap<number, PausedTrial>;
}

/** Worker -> runner. */
export type BatchedReply =
  | EngineReply
  | { readonly kind: 'epoch'; readonly trial: number; readonly record: EpochRecord }
  | { readonly kind: 'done'; readonly outcomes: readonly TrialOutcome[] };
