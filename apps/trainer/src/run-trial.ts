import { hash52, parameterCount, sigmoid, type NumberedCombination } from '@factory/domain';
import { logLoss, prAuc, rankScores, rocAuc } from '@factory/metrics';
import type { NetworkWeights } from '@factory/model';
import type { TrialFigures, TrialRow } from '@factory/sql';
import { crossEntropyOfLogit, isCorrect } from './engines/binary-cross-entropy';
import type {
  CancelFlag,
  EpochRecord,
  PausedTraining,
  TrainedTrial,
  TrainingEngine,
  TrainingOptions,
} from './engines/training-engine';
import { EVALUATION_ROWS } from './engines/training-loop';
import type { TrialData } from './trial-data';
import { TrialCancelledError } from './training-errors';

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
 * Trains one combination and measures it by RULES R5 with the weights of its best epoch, without dropout. Train,
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
  const partOf = (rows: Uint32Array): Part => ({
    rows,
    logits: logitsOf(engine, data, trained.weights, rows, signal),
    labels: labelsOf(data, rows),
  });
  const validation = partOf(data.validationRows);
  const onValidation = drawn(data, data.validationRows, [validation.logits]);
  if (!onValidation) return undefined;
  const figures = {
    ...named('validation', onValidation),
    naturalValidationLogLoss: logLoss(...naturalOf(data, validation)),
  };
  // What a search chooses by is enough of a trial that may never be trained to its end.
  if (trained.paused) return figures;
  const test = partOf(data.testRows);
  const onTest = drawn(data, data.testRows, [test.logits]);
  const trainLogits = logitParts(engine, data, trained.weights, data.trainRows, signal);
  const onTrain = onTest && drawn(data, data.trainRows, trainLogits);
  if (!onTest || !onTrain) return undefined;
  const onNature = naturalOf(data, test);
  const ranking = rankScores(...onNature);
  return {
    ...figures,
    ...named('train', onTrain),
    ...named('test', onTest),
    ...testDecisions(test),
    naturalTestLogLoss: logLoss(...onNature),
    rocAuc: rocAuc(ranking),
    prAuc: prAuc(ranking),
  };
}

function labelsOf(data: TrialData, rows: Uint32Array): Uint8Array {
  const labels = new Uint8Array(rows.length);
  rows.forEach((row, k) => (labels[k] = data.labels[row] ?? 0));
  return labels;
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

function logitsOf(
  engine: MeasuringEngine,
  data: TrialData,
  weights: NetworkWeights,
  rows: Uint32Array,
  signal: CancelFlag | undefined,
): Float64Array {
  const logits = new Float64Array(rows.length);
  let from = 0;
  for (const part of logitParts(engine, data, weights, rows, signal)) {
    logits.set(part, from);
    from += part.length;
  }
  return logits;
}

interface Part {
  readonly rows: Uint32Array;
  readonly logits: Float64Array;
  readonly labels: Uint8Array;
}

/**
 * Loss and accuracy on the rows as drawn. Their logits come in parts: of the train rows, most of a dataset, nothing
 * has to be held. Undefined when one is not finite.
 */
function drawn(
  data: TrialData,
  rows: Uint32Array,
  parts: Iterable<ArrayLike<number>>,
): { loss: number; accuracy: number } | undefined {
  let [loss, correct, done] = [0, 0, 0];
  for (const logits of parts) {
    for (let k = 0; k < logits.length; k++, done++) {
      const logit = logits[k] ?? 0;
      if (!Number.isFinite(logit)) return undefined;
      const label = data.labels[rows[done] ?? 0] ?? 0;
      loss += crossEntropyOfLogit(logit, label);
      if (isCorrect(logit, label)) correct++;
    }
  }
  return { loss: loss / rows.length, accuracy: correct / rows.length };
}

function named(part: 'train' | 'validation' | 'test', figures: { loss: number; accuracy: number }) {
  return { [`${part}Loss`]: figures.loss, [`${part}Accuracy`]: figures.accuracy };
}

/** Precision and recall of deciding by probability .5; 0/0 = 0. */
function testDecisions({ logits, labels }: Part): Partial<TrialFigures> {
  let [goals, chosen, right] = [0, 0, 0];
  logits.forEach((logit, k) => {
    const label = labels[k] ?? 0;
    const isChosen = sigmoid(logit) >= 0.5;
    goals += label;
    if (!isChosen) return;
    chosen++;
    right += label;
  });
  return { testPrecision: right / Math.max(1, chosen), testRecall: right / Math.max(1, goals) };
}

/** What natural figures are made of (RULES R6). */
function naturalOf(data: TrialData, part: Part): [Float64Array, Uint8Array, Float64Array] {
  return [part.logits.map((logit) => sigmoid(logit + data.shift)), part.labels, weightsOf(data, part)];
}

function weightsOf(data: TrialData, { rows }: Part): Float64Array {
  const weights = new Float64Array(rows.length);
  rows.forEach((row, k) => (weights[k] = data.weights[row] ?? 0));
  return weights;
}
