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

/**
 * Training part (rules R2): goals up to the maximum, and a fixed number of others for each, fewer if there are not
 * enough.
 */
export function wantedForTraining(population: Population, policy: TrainingPolicy): WantedCounts {
  const goals = Math.min(population.goals, policy.maxPositives);
  return { goals, others: Math.min(population.others, goals * policy.negativesPerPositive) };
}

/** Out-of-time part (rules R2): each class at its own rate, so that rare goals are all kept. */
export function wantedForOutOfTime(population: Population, policy: OutOfTimePolicy): WantedCounts {
  return {
    goals: Math.min(population.goals, policy.outOfTimeMaxPositives),
    others: Math.min(population.others, policy.outOfTimeMaxNegatives),
  };
}

/** Drawn goals of a day, and its visits without the goal. */
export interface DayOfGoals {
  readonly drawnGoals: number;
  readonly others: number;
}

/** De-trended (rules R2): a fixed number of others for each of the day's drawn goals, all if there are fewer. */
export function wantedOthersOfDay(day: DayOfGoals, policy: TrainingPolicy): number {
  return Math.min(day.others, day.drawnGoals * policy.negativesPerPositive);
}

/**
 * De-trended: days without a drawn goal draw no others, so the others of the other days represent them as well.
 *
 * @param days with the drawn others of each day
 * @returns the factor for the weight of each drawn other (1 / its day's fraction): `all others / others of
 *   the days that drew some`, so that the weights add up to all others. 1 if every day with others drew some
 */
export function scaleOfDays(days: readonly DrawnClass[]): number {
  const all = days.reduce((sum, day) => sum + day.population, 0);
  const ofDrawnDays = days.reduce((sum, day) => sum + (day.drawn > 0 ? day.population : 0), 0);
  return ofDrawnDays === 0 ? 1 : all / ofDrawnDays;
}

/** An empty class counts as drawn completely. */
export function drawnClass(population: number, drawn: number): DrawnClass {
  return { population, drawn, fraction: population === 0 ? 1 : drawn / population };
}
