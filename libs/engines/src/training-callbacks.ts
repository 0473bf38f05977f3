/**
 * Early stopping and the falling learning rate as one state machine, the same for every engine (rules R5).
 *
 * Semantics: Keras 3 `EarlyStopping(restore_best_weights=True)` and `ReduceLROnPlateau(cooldown=0)`, down to
 * comparing and keeping rates in float32. Two consequences that surprise: an improvement of less than
 * `minDelta` neither resets the patience nor counts as best, and the two callbacks keep separate patience.
 */
export interface CallbackSettings {
  readonly learningRate: number;
  /** Factor on the rate when the loss stalls, (0, 1). */
  readonly lrAnnealing: number;
}

/** What the training loop does after an epoch. */
export interface EpochDecision {
  /** Whether to keep a copy of the current weights. */
  readonly isBest: boolean;
  readonly stop: boolean;
  /** The rate of the next epoch. */
  readonly learningRate: number;
}

/** State of the callbacks between two epochs. Plain data. */
export interface CallbacksState {
  readonly epoch: number;
  readonly learningRate: number;
  readonly rateDrops: number;
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
  /** Validation loss of the best epoch; null before the first is over. */
  readonly best: number | null;
  readonly stoppingWait: number;
  readonly plateauWait: number;
}

export const MIN_DELTA = 1e-4;
export const STOPPING_PATIENCE = 5;
export const PLATEAU_PATIENCE = 3;
export const LEAST_LEARNING_RATE = 1e-6;

const UNTRAINED: Omit<CallbacksState, 'learningRate'> = {
  epoch: 0,
  rateDrops: 0,
  bestEpoch: 0,
  stoppedEarly: false,
  best: null,
  stoppingWait: 0,
  plateauWait: 0,
};

export class TrainingCallbacks {
  /** Float32, as in the optimizer. */
  learningRate: number;
  rateDrops: number;
  bestEpoch: number;
  stoppedEarly: boolean;

  private epoch: number;
  private best: number | null;
  private stoppingWait: number;
  private plateauWait: number;

  /** @param from state of callbacks with the same settings; absent: before the first epoch */
  constructor(
    private readonly settings: CallbackSettings,
    from: CallbacksState = { ...UNTRAINED, learningRate: Math.fround(settings.learningRate) },
  ) {
    this.learningRate = from.learningRate;
    this.rateDrops = from.rateDrops;
    this.bestEpoch = from.bestEpoch;
    this.stoppedEarly = from.stoppedEarly;
    this.epoch = from.epoch;
    this.best = from.best;
    this.stoppingWait = from.stoppingWait;
    this.plateauWait = from.plateauWait;
  }

  state(): CallbacksState {
    const { epoch, learningRate, rateDrops, bestEpoch, stoppedEarly, best, stoppingWait, plateauWait } = this;
    return { epoch, learningRate, rateDrops, bestEpoch, stoppedEarly, best, stoppingWait, plateauWait };
  }

  /** @param validationLoss unweighted, of the epoch that just ended; a number, not NaN */
  afterEpoch(validationLoss: number): EpochDecision {
    this.epoch++;
    const isBest = this.best === null || improves(validationLoss, this.best);
    if (isBest) {
      this.best = validationLoss;
      this.bestEpoch = this.epoch;
      this.stoppingWait = 0;
      this.plateauWait = 0;
    } else {
      this.stoppingWait++;
      this.plateauWait++;
      if (this.plateauWait >= PLATEAU_PATIENCE) this.dropRate();
      this.stoppedEarly = this.stoppingWait >= STOPPING_PATIENCE;
    }
    return { isBest, stop: this.stoppedEarly, learningRate: this.learningRate };
  }

  private dropRate(): void {
    if (this.learningRate <= Math.fround(LEAST_LEARNING_RATE)) return;
    this.learningRate = Math.fround(
      Math.max(this.learningRate * this.settings.lrAnnealing, LEAST_LEARNING_RATE),
    );
    this.rateDrops++;
    this.plateauWait = 0;
  }
}

function improves(loss: number, best: number): boolean {
  return Math.fround(loss + MIN_DELTA) < Math.fround(best);
}
