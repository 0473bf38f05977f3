import type { Family, TrialSettings } from '@factory/domain';
import type { Predictor } from '@factory/model';
import type { EpochRecord, PausedTraining, TrainingData, TrainingOptions } from '../training-engine';

/** A trial between two steps of its training: plain data, which can go to another thread and be resumed there. */
export interface PausedTrial {
  readonly family: 'network';
  /** Steps that it has done: epochs of a network. */
  readonly steps: number;
  /** The family's own. */
  readonly training: PausedTraining;
}

export interface FamilyTrainingOptions extends Omit<TrainingOptions, 'resumeFrom'> {
  /** Goes on where this trial, with the same data and seed, was paused. */
  readonly resumeFrom?: PausedTrial | undefined;
}

/** What became of a training. */
export interface TrainedModel {
  /** Of the best step, without the prior shift. */
  readonly model: Predictor;
  /** Logits of rows of the data that it was trained on, in their order, as fast as the engine can. */
  readonly logits: (rows: Uint32Array) => Float32Array;
  readonly history: readonly EpochRecord[];
  /** Steps done, those before a pause included. */
  readonly epochs: number;
  readonly rateDrops: number;
  /** Loss or model became NaN or infinite: such a trial is never chosen. */
  readonly diverged: boolean;
  /** Where to go on; null when the training is over. */
  readonly paused: PausedTrial | null;
}

/** What a family knows of training; what it knows of scoring is its `Predictor` in @factory/model. */
export interface ModelFamily {
  readonly name: Family;
  /** What computes, stored with each trial: `kernel-avx2`. */
  readonly engine: string;
  /**
   * Trains one model, from the start or on from where it was paused. Paused and resumed is, bit for bit, unbroken.
   *
   * @throws TrialCancelledError when `options.signal` was set
   */
  train(data: TrainingData, trial: TrialSettings, options: FamilyTrainingOptions): Promise<TrainedModel>;
}
