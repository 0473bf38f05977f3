import { mostSteps, promoted, rungsOf, selectWinner, type Trial } from '@factory/domain';
import type { PausedTrial } from '@factory/engines';
import type { TrialData } from './trial-data';
import type { TrialOutcome } from './trial-outcome';
import type { GroupOptions, TrialRunner } from './workers/trial-pool';

/**
 * Trains a group's trials for a few epochs, resumes the best third, and so on (Jamieson and Talwalkar 2016). A rung is
 * decided once all its trials have reached it. The asynchronous form (ASHA, Li et al. 2020) promotes trials as they
 * arrive and so keeps many workers busier, but then the winner depends on the order of arrival, that is on the number
 * of workers and on chance; here the same seed gives the same winner everywhere, and workers that wait at a rung train
 * other groups in the meantime.
 *
 * Paused trials are kept in this process, and `planHalving` limits their memory; if the process dies, the group starts
 * again.
 */
export class SuccessiveHalving implements TrialRunner {
  constructor(private readonly trials: TrialRunner) {}

  /**
   * @returns an outcome for every trial, in their order; `halted` for those that were stopped because others were better, with their figures on validation rows
   */
  async runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    /** The current outcome of each trial: with `paused` while it can be resumed. */
    const standing = new Map<number, TrialOutcome>();
    const outcomes = new Map<number, TrialOutcome>();
    const train = async (racing: readonly Trial[], untilEpoch: number): Promise<void> => {
      const going = racing.filter(({ trial }) => standing.get(trial)?.paused ?? !standing.has(trial));
      const resumeFrom = pausesOf(standing);
      for (const outcome of await this.trials.runGroup(data, going, { ...options, untilEpoch, resumeFrom })) {
        standing.set(outcome.trial, outcome);
        if (!outcome.paused) outcomes.set(outcome.trial, outcome);
      }
    };

    const epochs = Math.max(0, ...trials.map(mostSteps));
    let racing = trials;
    for (const rung of rungsOf(epochs)) {
      await train(racing, rung);
      const reached = racing.flatMap(({ trial }) => standing.get(trial) ?? []);
      const stay = new Set(promoted(reached).map(({ trial }) => trial));
      for (const outcome of reached) {
        if (!outcome.paused || stay.has(outcome.trial)) continue;
        const halted: TrialOutcome = { ...outcome, status: 'halted', weights: null, paused: undefined };
        outcomes.set(outcome.trial, halted);
        await options.onOutcome?.(halted);
      }
      racing = racing.filter(({ trial }) => stay.has(trial));
    }
    // Late in training all remaining trials may have diverged or failed: then the next best take their place.
    while (!selectWinner([...outcomes.values()])) {
      const next = selectWinner([...standing.values()].filter((one) => one.paused));
      if (!next) break;
      await train(
        trials.filter(({ trial }) => trial === next.trial),
        epochs,
      );
    }
    return trials.flatMap(({ trial }) => outcomes.get(trial) ?? []);
  }
}

function pausesOf(standing: ReadonlyMap<number, TrialOutcome>): Map<number, PausedTrial> {
  const pauses = new Map<number, PausedTrial>();
  for (const [trial, { paused }] of standing) if (paused) pauses.set(trial, paused);
  return pauses;
}
