import type { Combination } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import { TrialCancelledError } from '../training-errors';
import { epochOrder, hasFiniteWeights } from './network-shape';
import { TrainingCallbacks } from './training-callbacks';
import type { CancelFlag, EpochRecord, TrainedTrial, TrainingData, TrainingOptions } from './training-engine';

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
}

const NEVER: CancelFlag = { cancelled: false };

/**
 * Epochs, callbacks, history, cancelling and divergence: everything about a training that is not arithmetic.
 *
 * @param nowMs a clock in milliseconds
 * @throws TrialCancelledError
 */
export async function trainNetwork(
  network: NetworkInTraining,
  data: TrainingData,
  combination: Combination,
  options: TrainingOptions,
  nowMs: () => number,
): Promise<TrainedTrial> {
  const signal = options.signal ?? NEVER;
  const callbacks = new TrainingCallbacks(combination);
  const history: EpochRecord[] = [];
  let best = network.weights();
  let diverged = false;
  for (let epoch = 1; epoch <= combination.epochs && !callbacks.stoppedEarly; epoch++) {
    const startedMs = nowMs();
    const learningRate = callbacks.learningRate;
    const train = network.trainEpoch(epochOrder(data.trainRows, options.seed, epoch), learningRate, signal);
    if (signal.cancelled) throw new TrialCancelledError();
    const validation = network.evaluate(data.validationRows);
    const record = {
      epoch,
      trainLoss: train.loss / train.rows,
      trainAccuracy: train.correct / train.rows,
      validationLoss: validation.loss / validation.rows,
      validationAccuracy: validation.correct / validation.rows,
      learningRate,
      seconds: (nowMs() - startedMs) / 1000,
    };
    history.push(record);
    const weights = network.weights();
    diverged = !isSound(record) || !hasFiniteWeights(weights);
    options.onEpoch?.(record);
    if (diverged) break;
    if (callbacks.afterEpoch(record.validationLoss).isBest) best = weights;
    await letOthersRun();
  }
  return {
    weights: best,
    history,
    epochs: history.length,
    bestEpoch: callbacks.bestEpoch,
    rateDrops: callbacks.rateDrops,
    stoppedEarly: callbacks.stoppedEarly,
    diverged,
  };
}

/** Weights are looked at as well: a backend's relu may turn NaN into 0 and so hide it from the loss. */
function isSound(record: EpochRecord): boolean {
  return Number.isFinite(record.trainLoss) && Number.isFinite(record.validationLoss);
}

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
