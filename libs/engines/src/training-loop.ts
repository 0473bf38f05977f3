import type { NetworkSettings } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import { epochOrder, hasFiniteWeights } from './network-shape';
import { TrainingCallbacks } from './training-callbacks';
import type {
  CancelFlag,
  EpochRecord,
  LossSums,
  NetworkInTraining,
  TrainedTrial,
  TrainingData,
  TrainingEngine,
  TrainingOptions,
} from './training-engine';
import { TrialCancelledError } from './training-errors';

const NEVER: CancelFlag = { cancelled: false };

/**
 * Rows between two checks of the cancel flag outside training: a fraction of a second for networks of any size.
 */
export const EVALUATION_ROWS = 16_384;

/**
 * Epochs, callbacks, history, pausing, cancelling and divergence: everything in a training except arithmetic.
 *
 * @param open of the engine
 * @param nowMs a clock in milliseconds
 * @throws TrialCancelledError
 */
export async function trainNetwork(
  open: TrainingEngine['open'],
  data: TrainingData,
  settings: NetworkSettings,
  options: TrainingOptions,
  nowMs: () => number,
): Promise<TrainedTrial> {
  const { seed, resumeFrom, signal = NEVER } = options;
  const lastEpoch = Math.min(options.untilEpoch ?? Infinity, settings.epochs);
  const network = open(data, settings, seed, resumeFrom?.network);
  const callbacks = new TrainingCallbacks(settings, resumeFrom?.callbacks);
  const history: EpochRecord[] = [...(resumeFrom?.history ?? [])];
  let best = resumeFrom?.best ?? network.weights();
  let diverged = false;
  const order = new Uint32Array(data.trainRows.length);
  for (let epoch = history.length + 1; epoch <= lastEpoch && !callbacks.stoppedEarly; epoch++) {
    const startedMs = nowMs();
    const learningRate = callbacks.learningRate;
    epochOrder(data.trainRows, seed, epoch, order);
    const train = network.trainEpoch(order, learningRate, signal);
    if (signal.cancelled) throw new TrialCancelledError();
    const validation = evaluate(network, data.validationRows, signal);
    const record = epochRecord(epoch, train, validation, learningRate, (nowMs() - startedMs) / 1000);
    history.push(record);
    const weights = network.weights();
    diverged = !isSound(record) || !hasFiniteWeights(weights);
    options.onEpoch?.(record);
    if (diverged) break;
    if (callbacks.afterEpoch(record.validationLoss).isBest) best = weights;
    await letOthersRun();
  }
  return trainedTrial({ callbacks, history, diverged }, settings, best, () => network.state());
}

/** The record of an epoch, from its sums over train and validation rows. */
export function epochRecord(
  epoch: number,
  train: LossSums,
  validation: LossSums,
  learningRate: number,
  seconds: number,
): EpochRecord {
  return {
    epoch,
    trainLoss: train.loss / train.rows,
    trainAccuracy: train.correct / train.rows,
    validationLoss: validation.loss / validation.rows,
    validationAccuracy: validation.correct / validation.rows,
    learningRate,
    seconds,
  };
}

/**
 * Whether the losses of an epoch are numbers. Check the weights as well: relu may turn NaN into 0 and hide it.
 */
export function isSound({ trainLoss, validationLoss }: EpochRecord): boolean {
  return Number.isFinite(trainLoss) && Number.isFinite(validationLoss);
}

/** State of a training between two epochs. */
export interface Standing {
  readonly callbacks: TrainingCallbacks;
  readonly history: readonly EpochRecord[];
  readonly diverged: boolean;
}

/** Whether the training has ended. */
export function isOver({ callbacks, history, diverged }: Standing, { epochs }: NetworkSettings): boolean {
  return diverged || callbacks.stoppedEarly || history.length >= epochs;
}

/**
 * The result of a training that ends or pauses.
 *
 * @param best weights of its best epoch
 * @param state of its network; called only if it can be resumed
 */
export function trainedTrial(
  standing: Standing,
  settings: NetworkSettings,
  best: NetworkWeights,
  state: () => Uint8Array,
): TrainedTrial {
  const { callbacks, history, diverged } = standing;
  return {
    weights: best,
    history,
    epochs: history.length,
    bestEpoch: callbacks.bestEpoch,
    rateDrops: callbacks.rateDrops,
    stoppedEarly: callbacks.stoppedEarly,
    diverged,
    paused: isOver(standing, settings)
      ? null
      : { network: state(), callbacks: callbacks.state(), history, best },
  };
}

/** @throws TrialCancelledError */
function evaluate(network: NetworkInTraining, rows: Uint32Array, signal: CancelFlag): LossSums {
  const sums = { rows: 0, loss: 0, correct: 0 };
  for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
    if (signal.cancelled) throw new TrialCancelledError();
    const part = network.evaluate(rows.subarray(from, from + EVALUATION_ROWS));
    sums.rows += part.rows;
    sums.loss += part.loss;
    sums.correct += part.correct;
  }
  return sums;
}

function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
