import type { NetworkSettings } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import type { CallbacksState } from './training-callbacks';

/**
 * Columns of a matrix stored as codes: of each group at most one column is 1 in a row and the others are 0, so
 * wide categories take little memory. Arrays may be on SharedArrayBuffers.
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
  /**
   * [rows, width], or [rows, denseColumns.length] together with `oneHot`; row-major; may be on a
   * SharedArrayBuffer.
   */
  readonly features: Float32Array;
  /** Inputs of the network, coded ones included. */
  readonly width: number;
  /** Absent: every column is in `features`. */
  readonly oneHot?: OneHotColumns;
}

/** The training data of a network: a matrix, its labels, and the roles of rows. */
export interface TrainingData extends InputMatrix {
  /** [rows]; 1 = goal reached. */
  readonly labels: Uint8Array;
  /** Row numbers the weights are fitted on. */
  readonly trainRows: Uint32Array;
  /** Row numbers that early stopping watches, unweighted. */
  readonly validationRows: Uint32Array;
}

/** Set by a caller to stop the work; engines check it between batches. */
export interface CancelFlag {
  readonly cancelled: boolean;
}

/** Sums over rows, so that the sums of parts of any size can be added. */
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
   * `cancelled` is set; the loop detects that itself.
   */
  trainEpoch(order: Uint32Array, learningRate: number, signal: CancelFlag): LossSums;
  /** Loss without dropout. */
  evaluate(rows: Uint32Array): LossSums;
  /** A copy of the current weights. */
  weights(): NetworkWeights;
  /**
   * Everything that a later epoch depends on: weights, the optimizer's state, positions of random streams. A
   * copy, in the engine's own bytes, for `TrainingEngine.open`.
   */
  state(): Uint8Array;
}

/** The record of one epoch. Losses are binary cross-entropy in nats, unweighted means over rows. */
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
  /** Pause after this epoch unless the training has ended. Absent: train to the end. */
  readonly untilEpoch?: number;
  /**
   * Resumes where a training with the same data, settings, seed and engine was paused; the pause is not
   * changed.
   */
  readonly resumeFrom?: PausedTraining;
}

/**
 * A training between two epochs. Plain data: it can be cloned to another thread and resumed there. Resuming
 * gives the same weights, bit for bit, and history as a training that was never paused.
 */
export interface PausedTraining {
  /** `NetworkInTraining.state()`: the engine's own bytes. */
  readonly network: Uint8Array;
  readonly callbacks: CallbacksState;
  readonly history: readonly EpochRecord[];
  /** Weights of the best epoch so far. */
  readonly best: NetworkWeights;
}

/** The result of one training. */
export interface TrainedTrial {
  /** Weights of the best epoch (rules R5); when paused, of the best so far. */
  readonly weights: NetworkWeights;
  readonly history: readonly EpochRecord[];
  /** Completed epochs, including those before a pause; `history` has as many entries. */
  readonly epochs: number;
  /** Number of the epoch with these weights; 0 if it diverged before the end of the first. */
  readonly bestEpoch: number;
  readonly rateDrops: number;
  readonly stoppedEarly: boolean;
  /** Loss or weights became NaN or infinite: such a trial is never chosen. */
  readonly diverged: boolean;
  /**
   * The pause from which to resume; null when the training has ended: stopped early, diverged, or all epochs
   * completed.
   */
  readonly paused: PausedTraining | null;
}

/** An engine that can train the factory's network. Every engine passes `engine-conformance.ts`. */
export interface TrainingEngine {
  /** Stored with each trial, e.g. `tfjs-wasm`. */
  readonly name: string;
  /** Why it is not the fastest that could run on this machine; for the log. */
  readonly note?: string;

  /**
   * Opens a network in its initial state for the seed, or in the given `state`.
   *
   * @param seed unsigned 32-bit number
   * @param state of a network that this engine opened with the same data, settings and seed
   * @throws BadInputError `not-a-network-state` when `state` does not match the network
   */
  open(data: TrainingData, settings: NetworkSettings, seed: number, state?: Uint8Array): NetworkInTraining;

  /**
   * Trains one network by rules R5, from the start or from a pause.
   *
   * @throws TrialCancelledError when `options.signal` was set
   */
  train(data: TrainingData, settings: NetworkSettings, options: TrainingOptions): Promise<TrainedTrial>;

  /** Logits of the given rows, in their order; the sigmoid of one is the (unshifted) probability. */
  predictLogits(weights: NetworkWeights, data: InputMatrix, rows: Uint32Array): Float32Array;
}
