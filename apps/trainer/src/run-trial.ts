import { hash52, parameterCount, sigmoid, type NumberedCombination } from '@factory/domain';
import {
  crossEntropyOfLogit,
  isCorrect,
  type CancelFlag,
  type EpochRecord,
  type PausedTraining,
  type TrainedTrial,
  type TrainingEngine,
  type TrainingOptions,
  EVALUATION_ROWS,
  TrialCancelledError,
} from '@factory/engines';
import type { TrialFigures, TrialRow } from '@factory/ledger';
import { prAuc, rankScores, rocAuc, rowLogLoss } from '@factory/metrics';
import type { NetworkWeights } from '@factory/model';
import type { TrialData } from './trial-data';

/** What became of one trial: its row for the ledger, and its weights if it may win. */
export interface TrialOutcome extends TrialRow {
  readonly weights: NetworkWeights | null;
  readonly history: readonly EpochRecord[];
  /** Where it can go on: the figures are those of the epochs run so far. Absent when its training is over. */
  readonly paused?: PausedTraining;
}

export interface TrialOptions extends Omit<TrainingOptions, 'seed'> {
  /** The run's seed; each trial draws its own from it. */
  readonly seed: string;
}

/** Figures of a trial that got nowhere. */
export const NO_FIGURES: TrialFigures = {
  epochsRun: null,
  rateDrops: null,
  trainLoss: null,
  trainAccuracy: null,
  validationLoss: null,
  validationAccuracy: null,
  testLoss: null,
  testAccuracy: null,
  testPrecision: null,
  testRecall: null,
  naturalValidationLogLoss: null,
  naturalTestLogLoss: null,
  rocAuc: null,
  prAuc: null,
  parameters: null,
  seconds: null,
  rowsPerSecond: null,
  engine: null,
  error: null,
};

/**
 * Trains one combination and measures it by rules R5 with the weights of its best epoch, without dropout. Train,
 * validation and test figures are on the 1:8 rows, unshifted, at threshold .5; natural log-losses, AUC and PR-AUC
 * are weighted 1/f after the shift (AUC and PR-AUC on test rows).
 *
 * @throws TrialCancelledError
 */
export async function runTrial(
  engine: TrainingEngine,
  data: TrialData,
  combination: NumberedCombination,
  options: TrialOptions,
): Promise<TrialOutcome> {
  const trained = await engine.train(data, combination, {
    ...options,
    seed: trialSeed(options.seed, combination.trial),
  });
  return outcomeOf(engine, data, combination, trained, options.signal);
}

/** What an engine trains with, without its training: enough to measure what came of it. */
export type MeasuringEngine = Pick<TrainingEngine, 'name' | 'predictLogits'>;

/**
 * Measures a training, see `runTrial`.
 *
 * @throws TrialCancelledError
 */
export function outcomeOf(
  engine: MeasuringEngine,
  data: TrialData,
  combination: NumberedCombination,
  trained: TrainedTrial,
  signal?: CancelFlag,
): TrialOutcome {
  const seconds = trained.history.reduce((sum, record) => sum + record.seconds, 0);
  const run = {
    ...NO_FIGURES,
    combination,
    history: trained.history,
    epochsRun: trained.epochs,
    rateDrops: trained.rateDrops,
    parameters: parameterCount(data.width, combination),
    seconds,
    rowsPerSecond: seconds > 0 ? (data.trainRows.length * trained.epochs) / seconds : null,
    engine: engine.name,
    ...(trained.paused ? { paused: trained.paused } : {}),
  };
  const measured = trained.diverged ? undefined : measure(engine, data, trained, signal);
  if (measured) return { ...run, ...measured, status: 'done', weights: trained.weights };
  const error = `loss or weights were not finite after ${trained.epochs} epochs`;
  return { ...run, status: 'diverged', error, weights: null };
}

/** A trial's own seed: trials of a run differ, and the same trial of the same run never does. */
export function trialSeed(seed: string, trial: number): number {
  return hash52(`${seed}|trial`, String(trial)) % 2 ** 32;
}

/** The seed of what trials have in common when they are trained as one program. */
export function sharedSeed(seed: string): number {
  return hash52(`${seed}|shared`, '') % 2 ** 32;
}

/** Undefined when a logit is not finite: weights can be finite and still overflow. */
function measure(
  engine: MeasuringEngine,
  data: TrialData,
  trained: TrainedTrial,
  signal: CancelFlag | undefined,
): Partial<TrialFigures> | undefined {
  const seen = (rows: Uint32Array, keep?: Float64Array): Seen | undefined =>
    lookAt(data, rows, logitParts(engine, data, trained.weights, rows, signal), keep);
  const validation = seen(data.validationRows);
  if (!validation) return undefined;
  const figures = {
    ...named('validation', validation),
    naturalValidationLogLoss: validation.naturalLogLoss,
  };
  // What a search chooses by is enough of a trial that may never be trained to its end.
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

/** In parts, between which it may be cancelled. @throws TrialCancelledError */
function* logitParts(
  engine: MeasuringEngine,
  data: TrialData,
  weights: NetworkWeights,
  rows: Uint32Array,
  signal: CancelFlag | undefined,
): Generator<Float32Array> {
  for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
    if (signal?.cancelled) throw new TrialCancelledError();
    yield engine.predictLogits(weights, data, rows.subarray(from, from + EVALUATION_ROWS));
  }
}

/** Of some rows as drawn, at probability .5 unless natural; 0/0 = 0. */
interface Seen {
  readonly loss: number;
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  /** After the shift, weighted 1/f (rules R6). */
  readonly naturalLogLoss: number;
}

/**
 * Adds up what rows tell as their logits come in parts: of a large dataset nothing has to be held.
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
