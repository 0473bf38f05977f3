import type { TrialsQueued } from '@factory/contracts';
import type { NumberedCombination } from '@factory/domain';
import type { TrialsInHand } from './group-note';
import { NO_FIGURES, type TrialOutcome } from './run-trial';
import { SuccessiveHalving } from './successive-halving';
import type { TrialData } from './trial-data';
import type { TrialRunner } from './workers/trial-pool';

export interface TrialsRequest extends Pick<TrialsQueued, 'seed' | 'combinations' | 'search'> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: GroupProgress) => void;
}

export interface GroupProgress {
  readonly trial: number;
  readonly epoch?: number;
  /** Trials of this group that are over. */
  readonly trialsDone: number;
  readonly trialsTotal: number;
  /** Lowest natural validation log-loss of the group so far. */
  readonly best?: number;
}

/**
 * Trains a group's trials on a dataset that is loaded: all of them, or as a search halves them. Trials that have ended
 * too many processes are skipped; suspects run alone.
 *
 * @returns an outcome for every combination, in their order
 * @throws TrialCancelledError when the signal was aborted
 * @throws ServerAwayError when what is in hand cannot be noted
 */
export async function trainTrials(
  trials: TrialRunner,
  data: TrialData,
  { combinations, seed, signal, search, onProgress }: TrialsRequest,
  hand: TrialsInHand,
): Promise<TrialOutcome[]> {
  const crashed = combinations.filter(({ trial }) => hand.isCrashed(trial));
  const open = combinations.filter((one) => !crashed.includes(one));
  const ended = new Set(crashed.map(({ trial }) => trial));
  let best = Infinity;
  const tell = (trial: number, epoch?: number): void =>
    onProgress({
      trial,
      trialsDone: ended.size,
      trialsTotal: combinations.length,
      ...(epoch === undefined ? {} : { epoch }),
      ...(Number.isFinite(best) ? { best } : {}),
    });
  const runner = search === 'asha' ? new SuccessiveHalving(trials) : trials;
  const outcomes = await runner.runGroup(data, open, {
    seed,
    signal,
    alone: new Set(open.map(({ trial }) => trial).filter((trial) => hand.isSuspect(trial))),
    beforeTrial: (trial) => hand.take(trial),
    onEpoch: (trial, { epoch }) => tell(trial, epoch),
    onPause: (trial) => hand.putDown(trial),
    onOutcome: (outcome) => {
      ended.add(outcome.combination.trial);
      if (outcome.status === 'done') best = Math.min(best, outcome.naturalValidationLogLoss ?? Infinity);
      tell(outcome.combination.trial);
      return hand.putDown(outcome.combination.trial);
    },
  });
  const all = new Map([...outcomes, ...crashed.map((one) => crashedOutcome(one, hand))].map(byTrial));
  return combinations.flatMap(({ trial }) => all.get(trial) ?? []);
}

function crashedOutcome(combination: NumberedCombination, hand: TrialsInHand): TrialOutcome {
  const error = `ended ${hand.crashesOf(combination.trial)} processes: skipped`;
  return { ...NO_FIGURES, combination, status: 'crashed', error, weights: null, history: [] };
}

function byTrial(outcome: TrialOutcome): [trial: number, outcome: TrialOutcome] {
  return [outcome.combination.trial, outcome];
}
