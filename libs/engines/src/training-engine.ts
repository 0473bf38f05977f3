import type { NetworkSettings } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import type { CallbacksState } from './training-callbacks';

/**
 * Some of a matrix's columns kept as codes: of each group at most one column is 1 in a row, the others are 0, so
 * that wide categories cost what they hold. Arrays may be on SharedArrayBuffers.
 */
export interface OneHotColumns {
  /**
   * [rows, groups], row-major: index into `columns` of the one that is 1, or `NO_COLUMN` of
   * `@factory/normalisation`.
   */
  readonly codes: Uint16Array;
  readonly groups: number;
  /** [coded]; the network's input, 0 to width - 1, that each code stands for. */
  readonly columns: Uint32Array;
  /** [width - coded]; the network's input that each column of `features` is, ascending. */
  readonly denseColumns: Uint32Array;
}

/** A matrix of network inputs, already transformed. */
export interface InputMatrix {
  /** [rows, width], or [rows, denseColumns.length] beside `oneHot`; row-major; may be on a SharedArrayBuffer. */
  readonly features: Float32Array;
  /** Inputs of the network, coded ones included. */
  readonly width: number;
  /** Absent: every column is in `features`. */
  readonly oneHot?: OneHotColumns;
}

/** What a network learns from: a matrix, its labels, and which rows play which part. */
export interface TrainingData extends InputMatrix {
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

/** Sums over rows, so that parts of any size add up. */
export interface LossSums {
  readonly rows: number;
  /** Sum of binary cross-entropies; NaN or infinite once the network diverged. */
  readonly loss: number;
  /** Rows on the right side of probability .5. */
  readonly correct: number;
}

/** A network in training: the part of an engine that knows how to compute. */
export interface NetworkInTraining {
  /**
   * One pass over `order` in batches, updating the weights. May return early once the loss is not finite or
   * `cancelled` is set; the loop finds out by itself.
   */
  trainEpoch(order: Uint32Array, learningRate: number, signal: CancelFlag): LossSums;
  /** Loss without dropout. */
  evaluate(rows: Uint32Array): LossSums;
  /** A copy of the weights as they are. */
  weights(): NetworkWeights;
  /**
   * Everything that a later epoch depends on: weights, the optimizer's state, how far random streams were read. In
   * bytes of the engine's own, a copy, for `TrainingEngine.open`.
   */
  state(): Uint8Array;
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
  /** Unsigned 32-bit number: same data, settings, seed and engine = same weights, bit for bit. */
  readonly seed: number;
  readonly signal?: CancelFlag;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Pause after this epoch unless the training is over by then. Absent: train to the end. */
  readonly untilEpoch?: number;
  /** Goes on where a training with the same data, settings, seed and engine was paused; it stays as it is. */
  readonly resumeFrom?: PausedTraining;
}

/**
 * A training between two epochs. Plain data: it can be cloned to another thread and resumed there. Going on from it
 * gives the weights, bit for bit, and the history of a training that was never paused.
 */
export interface PausedTraining {
  /** `NetworkInTraining.state()`: the engine's own bytes. */
  readonly network: Uint8Array;
  readonly callbacks: CallbacksState;
  readonly history: readonly EpochRecord[];
  /** Weights of the best epoch so far. */
  readonly best: NetworkWeights;
}

/** What became of one training. */
export interface TrainedTrial {
  /** Weights of the best epoch (rules R5), of those run when it is paused. */
  readonly weights: NetworkWeights;
  readonly history: readonly EpochRecord[];
  /** Epochs run, those before a pause included; `history` has as many entries. */
  readonly epochs: number;
  /** Number of the epoch whose weights these are; 0 when it diverged before the first was over. */
  readonly bestEpoch: number;
  readonly rateDrops: number;
  readonly stoppedEarly: boolean;
  /** Loss or weights became NaN or infinite: such a trial is never chosen. */
  readonly diverged: boolean;
  /** Where to go on; null when the training is over: stopped early, diverged, or every epoch run. */
  readonly paused: PausedTraining | null;
}

/** Something that can train the factory's network. Every engine passes `engine-conformance.ts`. */
export interface TrainingEngine {
  /** Stored with each trial, e.g. `tfjs-wasm`. */
  readonly name: string;
  /** Why it is not the fastest that could run here; for the log. */
  readonly note?: string;

  /**
   * A network as the seed starts it, or as `state` left it.
   *
   * @param seed unsigned 32-bit number
   * @param state of a network that this engine opened with the same data, settings and seed
   * @throws BadInputError `not-a-network-state` when `state` does not fit the network
   */
  open(data: TrainingData, settings: NetworkSettings, seed: number, state?: Uint8Array): NetworkInTraining;

  /**
   * Trains one network by rules R5, from the start or on from where it was paused.
   *
   * @throws TrialCancelledError when `options.signal` was set
   */
  train(data: TrainingData, settings: NetworkSettings, options: TrainingOptions): Promise<TrainedTrial>;

  /** Logits of the given rows, in their order; the sigmoid of one is the (unshifted) probability. */
  predictLogits(weights: NetworkWeights, data: InputMatrix, rows: Uint32Array): Float32Array;
}
