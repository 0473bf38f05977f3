import type { Trial } from '@factory/domain';
import type {
  CancelFlag,
  EngineName,
  EngineOptions,
  EpochRecord,
  FamilyTrainingOptions,
} from '@factory/engines';
import type { TrialData } from '../trial-data';
import type { TrialOutcome } from '../trial-outcome';
import type { EngineReply } from './engine-thread';

/** Start parameters of a worker thread. */
export interface TrialWorkerSettings extends EngineOptions {
  readonly engine: EngineName;
}

/** Pool -> worker: one trial, or a part of it. The arrays of `data` are in shared memory: only references are sent. */
export interface TrialOrder extends Pick<FamilyTrainingOptions, 'untilEpoch' | 'resumeFrom'> {
  readonly data: TrialData;
  readonly trial: Trial;
  readonly seed: string;
  /** One element in shared memory; not 0 = stop. */
  readonly cancel: Int32Array;
}

/** Worker -> pool. */
export type TrialReply =
  | EngineReply
  | { readonly kind: 'epoch'; readonly record: EpochRecord }
  | { readonly kind: 'done'; readonly outcome: TrialOutcome };

/** A flag in shared memory that all threads see immediately. */
export function createCancelFlag(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export function setCancelFlag(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
}

/** The engines' view of a shared flag. */
export function watchCancelFlag(flag: Int32Array): CancelFlag {
  return {
    get cancelled() {
      return Atomics.load(flag, 0) !== 0;
    },
  };
}
