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
import { prAuc, rankScores, rocAuc, rowLogLoss } from '@factory/metrics';
import type { TrialData } from './trial-data';

/**
 * Measures a trained model by rules R5, without dropout. Train, validation and test figures are on the 1:8 rows,
 * unshifted, at threshold .5; natural log-losses, AUC and PR-AUC are weighted 1/f after the shift (AUC and PR-AUC on
 * test rows). For a paused training, only the figures that a search needs.
 *
 * @returns undefined if a logit is not finite: finite weights can still overflow
 * @throws TrialCancelledError
 */
export function measureTrial(
  data: TrialData,
  trained: TrainedModel,
  signal: CancelFlag | undefined,
): Partial<TrialFigures> | undefined {
  const seen = (rows: Uint32Array, keep?: Float64Array): Seen | undefined =>
    lookAt(data, rows, logitParts(trained, rows, signal), keep);
  const validation = seen(data.validationRows);
  if (!validation) return undefined;
  const figures = {
    ...named('validation', validation),
    naturalValidationLogLoss: validation.naturalLogLoss,
  };
  // The figures that a search needs are enough for a trial that may never be trained to its end.
  if (trained.paused) return figures;
  const probabilities = new Float64Array(data.testRows.length);
  const test = seen(data.testRows, probabilities);
  const train = test && seen(data.trainRows);
  if (!test || !train) return undefined;
  const ranking = rankScores(probabilities, labelsOf(data), weightsOf(data));
  return {
    ...figures,
    ...named('train', train),
    ...named('test', test),
    testPrecision: test.precision,
    testRecall: test.recall,
    naturalTestLogLoss: test.naturalLogLoss,
    rocAuc: rocAuc(ranking),
    prAuc: prAuc(ranking),
  };
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
  /** After the shift, weighted 1/f (rules R6). */
  readonly naturalLogLoss: number;
}

/**
 * Accumulates the figures as logits arrive in parts, so that nothing of a large dataset has to be kept in memory.
 *
 * @param keep [rows], filled with natural probabilities
 * @returns undefined when a logit is not finite
 */
function lookAt(
  data: TrialData,
  rows: Uint32Array,
  parts: Iterable<Float32Array>,
  keep?: Float64Array,
): Seen | undefined {
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
      const probability = sigmoid(logit + data.shift);
      const weight = data.weights[row] ?? 0;
      naturalLoss += weight * rowLogLoss(probability, label);
      weights += weight;
      if (keep) keep[done] = probability;
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

/** Of the test rows, in their order. */
function labelsOf({ labels, testRows }: TrialData): Uint8Array {
  const own = new Uint8Array(testRows.length);
  testRows.forEach((row, k) => (own[k] = labels[row] ?? 0));
  return own;
}

/** Of the test rows, in their order. */
function weightsOf({ weights, testRows }: TrialData): Float64Array {
  const own = new Float64Array(testRows.length);
  testRows.forEach((row, k) => (own[k] = weights[row] ?? 0));
  return own;
}
