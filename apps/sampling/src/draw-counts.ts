import type { Policy } from '@factory/domain';
import type { Population } from '@factory/source';
import type { DrawnClass } from './sampling-ledger';

/** How many visits of each class are to be drawn. */
export interface WantedCounts {
  readonly goals: number;
  readonly others: number;
}

type TrainingPolicy = Pick<Policy, 'maxPositives' | 'negativesPerPositive'>;
type OutOfTimePolicy = Pick<Policy, 'outOfTimeMaxPositives' | 'outOfTimeMaxNegatives'>;

/** Training part (rules R2): goals up to the most, and so many others for each, fewer if there are not enough. */
export function wantedForTraining(population: Population, policy: TrainingPolicy): WantedCounts {
  const goals = Math.min(population.goals, policy.maxPositives);
  return { goals, others: Math.min(population.others, goals * policy.negativesPerPositive) };
}

/** Out-of-time part (rules R2): each class at its own rate, so that few goals stay as many as they are. */
export function wantedForOutOfTime(population: Population, policy: OutOfTimePolicy): WantedCounts {
  return {
    goals: Math.min(population.goals, policy.outOfTimeMaxPositives),
    others: Math.min(population.others, policy.outOfTimeMaxNegatives),
  };
}

/** Goals that a day got, and the visits without the goal that it has. */
export interface DayOfGoals {
  readonly drawnGoals: number;
  readonly others: number;
}

/** De-trended (rules R2): the others of a day are so many for each of the day's drawn goals, all if fewer. */
export function wantedOthersOfDay(day: DayOfGoals, policy: TrainingPolicy): number {
  return Math.min(day.others, day.drawnGoals * policy.negativesPerPositive);
}

/**
 * De-trended: days without a drawn goal draw no others, so those of the other days stand for theirs as well.
 *
 * @param days with what was drawn of each day's others
 * @returns what the weight of each drawn other, 1 / its day's fraction, is multiplied by: `all others / others of
 *   the days that drew some`, so that the weights add up to all others. 1 when every day with others drew some
 */
export function scaleOfDays(days: readonly DrawnClass[]): number {
  const all = days.reduce((sum, day) => sum + day.population, 0);
  const ofDrawnDays = days.reduce((sum, day) => sum + (day.drawn > 0 ? day.population : 0), 0);
  return ofDrawnDays === 0 ? 1 : all / ofDrawnDays;
}

/** A class that nobody is in counts as drawn in full. */
export function drawnClass(population: number, drawn: number): DrawnClass {
  return { population, drawn, fraction: population === 0 ? 1 : drawn / population };
}
