import type { TrialsQueued } from '@factory/contracts';
import type { Trial } from '@factory/domain';
import type { TrialsInHand } from './group-note';
import { SuccessiveHalving } from './successive-halving';
import type { TrialData } from './trial-data';
import { outcomeWithoutModel, type TrialOutcome } from './trial-outcome';
import type { TrialRunner } from './workers/trial-pool';

export interface TrialsRequest extends Pick<TrialsQueued, 'seed' | 'search'> {
  readonly trials: readonly Trial[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: GroupProgress) => void;
}

export interface GroupProgress {
  readonly trial: number;
  readonly epoch?: number;
  /** Trials of this group that have ended. */
  readonly trialsDone: number;
  readonly trialsTotal: number;
  /** Lowest natural validation log-loss of the group so far. */
  readonly best?: number;
}

/**
 * Trains a group's trials on a loaded dataset: all of them, or by successive halving. Trials that have crashed too
 * many processes are skipped; suspects run alone.
 *
 * @returns an outcome for every trial, in their order
 * @throws TrialCancelledError if the signal was aborted
 * @throws ServerAwayError if the trials in progress cannot be recorded
 */
export async function trainTrials(
  runner: TrialRunner,
  data: TrialData,
  { trials, seed, signal, search, onProgress }: TrialsRequest,
  hand: TrialsInHand,
): Promise<TrialOutcome[]> {
  const crashed = trials.filter(({ trial }) => hand.isCrashed(trial));
  const open = trials.filter((one) => !crashed.includes(one));
  const ended = new Set(crashed.map(({ trial }) => trial));
  let best = Infinity;
  const tell = (trial: number, epoch?: number): void =>
    onProgress({
      trial,
      trialsDone: ended.size,
      trialsTotal: trials.length,
      ...(epoch === undefined ? {} : { epoch }),
      ...(Number.isFinite(best) ? { best } : {}),
    });
  const searching = search === 'asha' ? new SuccessiveHalving(runner) : runner;
  const outcomes = await searching.runGroup(data, open, {
    seed,
    signal,
    alone: new Set(open.map(({ trial }) => trial).filter((trial) => hand.isSuspect(trial))),
    beforeTrial: (trial) => hand.take(trial),
    onEpoch: (trial, { epoch }) => tell(trial, epoch),
    onPause: (trial) => hand.putDown(trial),
    onOutcome: (outcome) => {
      ended.add(outcome.trial);
      if (outcome.status === 'done') best = Math.min(best, outcome.naturalValidationLogLoss ?? Infinity);
      tell(outcome.trial);
      return hand.putDown(outcome.trial);
    },
  });
  const all = new Map([...outcomes, ...crashed.map((one) => crashedOutcome(one, hand))].map(byTrial));
  return trials.flatMap(({ trial }) => all.get(trial) ?? []);
}

function crashedOutcome(trial: Trial, hand: TrialsInHand): TrialOutcome {
  const error = `ended ${hand.crashesOf(trial.trial)} processes: skipped`;
  return outcomeWithoutModel(trial, 'crashed', error);
}

function byTrial(outcome: TrialOutcome): [trial: number, outcome: TrialOutcome] {
  return [outcome.trial, outcome];
}
