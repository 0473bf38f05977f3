import type { Combination } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';

/** What a network learns from: a matrix, its labels, and which rows play which part. */
export interface TrainingData {
  /** [rows, width], row-major, already transformed; may lie on a SharedArrayBuffer. */
  readonly features: Float32Array;
  /** Columns of `features`. */
  readonly width: number;
  /** [rows]; 1 = goal reached. */
  readonly labels: Uint8Array;
  /** Row numbers the weights are fitted on. */
  readonly trainRows: Uint32Array;
  /** Row numbers that early stopping watches, unweighted. */
  readonly validationRows: Uint32Array;
}

/** Set by whoever wants the work to stop; engines look at it between batches. */
export interface CancelFlag {
  readonly cancelled: boolean;
}

/** One epoch as it went. Losses are binary cross-entropy in nats, unweighted means over rows. */
export interface EpochRecord {
  /** Starts at 1. */
  readonly epoch: number;
  /** Running mean over the epoch's batches, with dropout on, as Keras reports it. */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** The rate this epoch was trained with. */
  readonly learningRate: number;
  readonly seconds: number;
}

export interface TrainingOptions {
  /** Unsigned 32-bit number: same data, combination, seed and engine = same weights, bit for bit. */
  readonly seed: number;
  readonly signal?: CancelFlag;
  readonly onEpoch?: (record: EpochRecord) => void;
}

/** What became of one training. */
export interface TrainedTrial {
  /** Weights of the best epoch (RULES R5). */
  readonly weights: NetworkWeights;
  readonly history: readonly EpochRecord[];
  /** Epochs run; `history` has as many entries. */
  readonly epochs: number;
  /** Number of the epoch whose weights these are; 0 when it diverged before the first was over. */
  readonly bestEpoch: number;
  readonly rateDrops: number;
  readonly stoppedEarly: boolean;
  /** Loss or weights became NaN or infinite: such a trial is never chosen. */
  readonly diverged: boolean;
}

/** Something that can train the factory's network. Every engine passes `engine-conformance.ts`. */
export interface TrainingEngine {
  /** Stored with each trial, e.g. `tfjs-wasm`. */
  readonly name: string;

  /**
   * Trains one network by RULES R5.
   *
   * @throws TrialCancelledError when `options.signal` was set
   */
  train(data: TrainingData, combination: Combination, options: TrainingOptions): Promise<TrainedTrial>;

  /** Logits of the given rows, in their order; the sigmoid of one is the (unshifted) probability. */
  predictLogits(
    weights: NetworkWeights,
    data: Pick<TrainingData, 'features' | 'width'>,
    rows: Uint32Array,
  ): Float32Array;
}
