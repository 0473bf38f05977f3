import { mostSteps, promoted, rungsOf, selectWinner, type Trial } from '@factory/domain';
import type { PausedTrial } from '@factory/engines';
import type { TrialData } from './trial-data';
import type { TrialOutcome } from './trial-outcome';
import type { GroupOptions, TrialRunner } from './workers/trial-pool';

/**
 * Trains a group's trials for a few epochs, lets the best third go on from there, and so forth (Jamieson and Talwalkar
 * 2016). A rung is decided once all its trials have reached it. The asynchronous form (ASHA, Li et al. 2020) promotes
 * as trials arrive and so keeps many workers busier, but then its winner depends on who came first, that is on the
 * number of workers and on chance; here the same seed has the same winner anywhere, and workers that wait at a rung
 * train other groups meanwhile.
 *
 * Paused trials live in this process, `planHalving` bounds their memory; should the process die, the group starts again.
 */
export class SuccessiveHalving implements TrialRunner {
  constructor(private readonly trials: TrialRunner) {}

  /**
   * @returns an outcome for every trial, in their order; `halted` for those that others outdid, with the figures
   * on validation rows that they had reached
   */
  async runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    /** As each trial is: with `paused` while it can go on. */
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
    // Late in training all that were left may have diverged or failed: the next best then take their place.
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
