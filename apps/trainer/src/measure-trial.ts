import { sigmoid } from '@factory/domain';
import {
  crossEntropyOfLogit,
  EVALUATION_ROWS,
  isCorrect,
  TrialCancelledError,
  type CancelFlag,
  type TrainedModel,
} from '@factory/engines';
import type { TrialFigures } from '@factory/ledger';
import { calibrationIntercept, prAuc, rankScores, rocAuc, rowLogLoss } from '@factory/metrics';
import type { TrialData } from './trial-data';

/** What is known of a trained model. */
export interface MeasuredTrial {
  readonly figures: Partial<TrialFigures>;
  /** To be added to the model's logits (rules R5, level); 0 for a paused training. */
  readonly level: number;
}

/**
 * Measures a trained model by rules R5, without dropout. Train, validation and test figures are on the 1:8 rows,
 * unshifted, at threshold .5; natural log-losses, AUC and PR-AUC are weighted 1/f after level and shift (AUC and PR-AUC
 * on test rows). For a paused training, only the figures that a search needs.
 *
 * @returns undefined if a logit is not finite: finite weights can still overflow
 * @throws TrialCancelledError
 */
export function measureTrial(
  data: TrialData,
  trained: TrainedModel,
  signal: CancelFlag | undefined,
): MeasuredTrial | undefined {
  const seen = (rows: Uint32Array, level: number, keep?: Float64Array): Seen | undefined =>
    lookAt(data, rows, { parts: logitParts(trained, rows, signal), level, keep });
  const ofValidation = (validation: Seen) => ({
    ...named('validation', validation),
    naturalValidationLogLoss: validation.naturalLogLoss,
  });
  // The figures that a search needs are enough for a trial that may never be trained to its end.
  if (trained.paused) {
    const validation = seen(data.validationRows, 0);
    return validation && { figures: ofValidation(validation), level: 0 };
  }
  const onTrain = new Float64Array(data.trainRows.length);
  const train = seen(data.trainRows, 0, onTrain);
  if (!train) return undefined;
  const level = levelOf(onTrain, labelsOf(data, data.trainRows));
  const onTest = new Float64Array(data.testRows.length);
  const validation = seen(data.validationRows, level);
  const test = validation && seen(data.testRows, level, onTest);
  if (!validation || !test) return undefined;
  const natural = onTest.map((logit) => sigmoid(logit + level + data.shift));
  const ranking = rankScores(natural, labelsOf(data, data.testRows), weightsOf(data));
  const figures = {
    ...ofValidation(validation),
    ...named('train', train),
    ...named('test', test),
    testPrecision: test.precision,
    testRecall: test.recall,
    naturalTestLogLoss: test.naturalLogLoss,
    rocAuc: rocAuc(ranking),
    prAuc: prAuc(ranking),
  };
  return { figures, level };
}

/**
 * What makes the mean score of the drawn rows their share of goals: the maximum likelihood of the intercept, for the rows
 * that the model was fitted on, as it was fitted.
 *
 * @param logits [rows] of the train rows
 * @param labels of the same rows
 */
function levelOf(logits: Float64Array, labels: Uint8Array): number {
  return calibrationIntercept(logits.map(sigmoid), labels, new Float64Array(labels.length).fill(1));
}

/** In parts, so that it can be cancelled in between. @throws TrialCancelledError */
function* logitParts(
  trained: TrainedModel,
  rows: Uint32Array,
  signal: CancelFlag | undefined,
): Generator<Float32Array> {
  for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
    if (signal?.cancelled) throw new TrialCancelledError();
    yield trained.logits(rows.subarray(from, from + EVALUATION_ROWS));
  }
}

/** Figures of some rows as drawn, at threshold .5; 0/0 = 0. */
interface Seen {
  readonly loss: number;
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  /** After level and shift, weighted 1/f (rules R6). */
  readonly naturalLogLoss: number;
}

interface Look {
  readonly parts: Iterable<Float32Array>;
  readonly level: number;
  /** [rows], filled with the logits. */
  readonly keep?: Float64Array | undefined;
}

/**
 * Accumulates the figures as logits arrive in parts: the only arrays with an entry a row are those that are kept.
 *
 * @returns undefined when a logit is not finite
 */
function lookAt(data: TrialData, rows: Uint32Array, { parts, level, keep }: Look): Seen | undefined {
  let [loss, correct, goals, chosen, right] = [0, 0, 0, 0, 0];
  let [naturalLoss, weights, done] = [0, 0, 0];
  for (const logits of parts) {
    for (let k = 0; k < logits.length; k++, done++) {
      const logit = logits[k] ?? 0;
      if (!Number.isFinite(logit)) return undefined;
      const row = rows[done] ?? 0;
      const label = data.labels[row] ?? 0;
      loss += crossEntropyOfLogit(logit, label);
      if (isCorrect(logit, label)) correct++;
      goals += label;
      if (sigmoid(logit) >= 0.5) {
        chosen++;
        right += label;
      }
      const probability = sigmoid(logit + level + data.shift);
      const weight = data.weights[row] ?? 0;
      naturalLoss += weight * rowLogLoss(probability, label);
      weights += weight;
      if (keep) keep[done] = logit;
    }
  }
  return {
    loss: loss / rows.length,
    accuracy: correct / rows.length,
    precision: right / Math.max(1, chosen),
    recall: right / Math.max(1, goals),
    naturalLogLoss: naturalLoss / weights,
  };
}

function named(part: 'train' | 'validation' | 'test', { loss, accuracy }: Seen) {
  return { [`${part}Loss`]: loss, [`${part}Accuracy`]: accuracy };
}

/** Of these rows, in their order. */
function labelsOf({ labels }: TrialData, rows: Uint32Array): Uint8Array {
  const own = new Uint8Array(rows.length);
  rows.forEach((row, k) => (own[k] = labels[row] ?? 0));
  return own;
}

/** Of the test rows, in their order. */
function weightsOf({ weights, testRows }: TrialData): Float64Array {
  const own = new Float64Array(testRows.length);
  testRows.forEach((row, k) => (own[k] = weights[row] ?? 0));
  return own;
}
