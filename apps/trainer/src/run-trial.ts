import { hash52, parameterCount, sigmoid, type NumberedCombination } from '@factory/domain';
import { logLoss, metricsAtThreshold, prAuc, rankScores, rocAuc, weightedMean } from '@factory/metrics';
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
  const measured = trained.diverged ? undefined : measure(engine, data, trained, options.signal);
  if (measured) return { ...run, ...measured, status: 'done', weights: trained.weights };
  const error = `loss or weights were not finite after ${trained.epochs} epochs`;
  return { ...run, status: 'diverged', error, weights: null };
}

/** A trial's own seed: trials of a run differ, and the same trial of the same run never does. */
export function trialSeed(seed: string, trial: number): number {
  return hash52(`${seed}|trial`, String(trial)) % 2 ** 32;
}

/** Undefined when a logit is not finite: weights can be finite and still overflow. */
function measure(
  engine: TrainingEngine,
  data: TrialData,
  trained: TrainedTrial,
  signal: CancelFlag | undefined,
): Partial<TrialFigures> | undefined {
  const parts = [data.trainRows, data.validationRows, data.testRows].map((rows) => {
    const logits = logitsOf(engine, data, trained.weights, rows, signal);
    return { rows, logits, labels: Uint8Array.from(rows, (row) => data.labels[row] ?? 0) };
  });
  const [train, validation, test] = parts;
  if (!train || !validation || !test) return undefined;
  if (parts.some(({ logits }) => !logits.every(Number.isFinite))) return undefined;
  const onTest = natural(data, test);
  return {
    ...named('train', drawn(train)),
    ...named('validation', drawn(validation)),
    ...named('test', drawn(test)),
    ...testDecisions(test),
    naturalValidationLogLoss: natural(data, validation).logLoss,
    naturalTestLogLoss: onTest.logLoss,
    rocAuc: rocAuc(onTest.ranking),
    prAuc: prAuc(onTest.ranking),
  };
}

/** In parts, between which it may be cancelled. @throws TrialCancelledError */
function logitsOf(
  engine: TrainingEngine,
  data: TrialData,
  weights: NetworkWeights,
  rows: Uint32Array,
  signal: CancelFlag | undefined,
): Float64Array {
  const logits = new Float64Array(rows.length);
  for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
    if (signal?.cancelled) throw new TrialCancelledError();
    logits.set(engine.predictLogits(weights, data, rows.subarray(from, from + EVALUATION_ROWS)), from);
  }
  return logits;
}

interface Part {
  readonly rows: Uint32Array;
  readonly logits: Float64Array;
  readonly labels: Uint8Array;
}

/** Loss and accuracy on the rows as drawn. */
function drawn({ logits, labels }: Part): { loss: number; accuracy: number } {
  const every = new Float64Array(logits.length).fill(1);
  return {
    loss: weightedMean(
      logits.map((logit, k) => crossEntropyOfLogit(logit, labels[k] ?? 0)),
      every,
    ),
    accuracy: weightedMean(
      Array.from(logits, (logit, k) => Number(isCorrect(logit, labels[k] ?? 0))),
      every,
    ),
  };
}

function named(part: 'train' | 'validation' | 'test', figures: { loss: number; accuracy: number }) {
  return { [`${part}Loss`]: figures.loss, [`${part}Accuracy`]: figures.accuracy };
}

function testDecisions({ logits, labels }: Part): Partial<TrialFigures> {
  const ranking = rankScores(logits.map(sigmoid), labels, new Float64Array(logits.length).fill(1));
  const { precision, recall } = metricsAtThreshold(ranking, 0.5);
  return { testPrecision: precision, testRecall: recall };
}

function natural(data: TrialData, { rows, logits, labels }: Part) {
  const probabilities = logits.map((logit) => sigmoid(logit + data.shift));
  const weights = Float64Array.from(rows, (row) => data.weights[row] ?? 0);
  return {
    logLoss: logLoss(probabilities, labels, weights),
    ranking: rankScores(probabilities, labels, weights),
  };
}
