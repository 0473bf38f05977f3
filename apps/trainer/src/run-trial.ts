import { hash52, trialIn, type Trial } from '@factory/domain';
import type { CancelFlag, FamilyTrainingOptions, ModelFamily, TrainedModel } from '@factory/engines';
import { measureTrial } from './measure-trial';
import type { TrialData } from './trial-data';
import { NO_FIGURES, type TrialOutcome } from './trial-outcome';

export interface TrialOptions extends Omit<FamilyTrainingOptions, 'seed'> {
  /** The run's seed; the seed of each trial is derived from it. */
  readonly seed: string;
}

/**
 * Trains one trial and measures its model, that of the best epoch.
 *
 * @throws TrialCancelledError
 */
export async function runTrial(
  family: ModelFamily,
  data: TrialData,
  trial: Trial,
  options: TrialOptions,
): Promise<TrialOutcome> {
  const seed = trialSeed(options.seed, trial.trial);
  const trained = await family.train(data, trial, { ...options, seed });
  return outcomeOf(family.engine, data, trial, trained, options.signal);
}

/**
 * Measures the result of a training, and brings its model to the level of the train rows (rules R5).
 *
 * @param engine that trained it
 * @throws TrialCancelledError
 */
export function outcomeOf(
  engine: string,
  data: TrialData,
  trial: Trial,
  trained: TrainedModel,
  signal?: CancelFlag,
): TrialOutcome {
  const { model, history, epochs, rateDrops, paused } = trained;
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  const run = {
    ...NO_FIGURES,
    ...trialIn(trial),
    history,
    epochsRun: epochs,
    rateDrops,
    parameters: model.parameters,
    seconds,
    rowsPerSecond: seconds > 0 ? (data.trainRows.length * epochs) / seconds : null,
    engine,
    ...(paused ? { paused } : {}),
  };
  const measured = trained.diverged ? undefined : measureTrial(data, trained, signal);
  if (measured) {
    const weights = paused ? null : model.shifted(measured.level).encode();
    return { ...run, ...measured.figures, status: 'done', weights };
  }
  const error = `loss or weights were not finite after ${epochs} epochs`;
  return { ...run, status: 'diverged', error, weights: null };
}

/** The seed of a trial: different for the trials of a run, the same for a repeated trial. */
export function trialSeed(seed: string, trial: number): number {
  return hash52(`${seed}|trial`, String(trial)) % 2 ** 32;
}

/** The seed of what trials share when they are trained as one program. */
export function sharedSeed(seed: string): number {
  return hash52(`${seed}|shared`, '') % 2 ** 32;
}
