import type { Family, TrialSettings } from '@factory/domain';
import type { Predictor } from '@factory/model';
import type { EpochRecord, PausedTraining, TrainingData, TrainingOptions } from '../training-engine';

/**
 * A trial between two steps of its training: plain data that can be sent to another thread and resumed there.
 */
export type PausedTrial<F extends Family = Family> = {
  [N in F]: {
    readonly family: N;
    /** Completed steps: for a network, epochs. */
    readonly steps: number;
    readonly training: PausedByFamily[N];
  };
}[F];

/** What each family needs to resume. */
export interface PausedByFamily {
  readonly network: PausedTraining;
}

export interface FamilyTrainingOptions<F extends Family = Family> extends Omit<
  TrainingOptions,
  'resumeFrom'
> {
  /** Resumes where this trial, with the same data and seed, was paused. */
  readonly resumeFrom?: PausedTrial<F> | undefined;
}

/** The result of a training. */
export interface TrainedModel {
  /** Of the best step, without the prior shift. */
  readonly model: Predictor;
  /** Computes logits of rows of the training data, in their order, as fast as the engine can. */
  readonly logits: (rows: Uint32Array) => Float32Array;
  readonly history: readonly EpochRecord[];
  /** Completed steps, including those before a pause. */
  readonly epochs: number;
  readonly rateDrops: number;
  /** Loss or model became NaN or infinite: such a trial is never chosen. */
  readonly diverged: boolean;
  /** The pause from which to resume; null when the training has ended. */
  readonly paused: PausedTrial | null;
}

/**
 * The training part of a family; its scoring part is its `Predictor` in @factory/model.
 *
 * @typeParam F the family, for its own code; callers that train any family leave it out
 */
export interface ModelFamily<F extends Family = Family> {
  readonly name: F;
  /** Name of the engine, stored with each trial: `kernel-avx2`. */
  readonly engine: string;
  /**
   * Trains one model, from the start or from a pause. Pausing and resuming does not change the result, bit for
   * bit.
   *
   * @throws TrialCancelledError when `options.signal` was set
   */
  train(
    data: TrainingData,
    trial: TrialSettings<F>,
    options: FamilyTrainingOptions<F>,
  ): Promise<TrainedModel>;
}
