import { codeOf, messageOf, trialIn, type Trial } from '@factory/domain';
import { TrialCancelledError, type EpochRecord, type PausedTrial } from '@factory/engines';
import type { TrialFigures, TrialRow } from '@factory/ledger';

/** The outcome of one trial: its row for the ledger, and its model if it may win. */
export type TrialOutcome = TrialRow & {
  /** The model's file (`Predictor.encode`), without the prior shift; null of trials that cannot win. */
  readonly weights: Uint8Array | null;
  readonly history: readonly EpochRecord[];
  /** State to resume from: the figures are those of the epochs run so far. Absent when its training has ended. */
  readonly paused?: PausedTrial | undefined;
};

/** Figures of a trial without a result. */
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

/** The outcome of a trial without a model. */
export function outcomeWithoutModel(trial: Trial, status: 'failed' | 'crashed', error: string): TrialOutcome {
  return { ...NO_FIGURES, ...trialIn(trial), status, error, weights: null, history: [] };
}

/**
 * The outcome of a trial that ended with an error.
 *
 * @throws TrialCancelledError rethrown: a cancelled trial has no outcome
 */
export function failedTrial(trial: Trial, thrown: unknown): TrialOutcome {
  if (thrown instanceof TrialCancelledError) throw thrown;
  return outcomeWithoutModel(trial, 'failed', `${codeOf(thrown)}: ${messageOf(thrown)}`);
}
