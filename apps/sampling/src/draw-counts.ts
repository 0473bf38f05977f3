import type { Policy } from '@factory/domain';
import type { Population } from '@factory/sql';
import type { DrawnClass } from './sampling-ledger';

/** How many visits of each class are to be drawn. */
export interface WantedCounts {
  readonly goals: number;
  readonly others: number;
}

type TrainingPolicy = Pick<Policy, 'maxPositives' | 'negativesPerPositive'>;
type OutOfTimePolicy = Pick<Policy, 'outOfTimeMaxPositives' | 'outOfTimeMaxNegatives'>;

/** Training part (RULES R2): goals up to the most, and so many others for each, fewer if there are not enough. */
export function wantedForTraining(population: Population, policy: TrainingPolicy): WantedCounts {
  const goals = Math.min(population.goals, policy.maxPositives);
  return { goals, others: Math.min(population.others, goals * policy.negativesPerPositive) };
}

/** Out-of-time part (RULES R2): each class at its own rate, so that few goals stay as many as they are. */
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

/** De-trended (RULES R2): the others of a day are so many for each of the day's drawn goals, all if fewer. */
export function wantedOthersOfDay(day: DayOfGoals, policy: TrainingPolicy): number {
  return Math.min(day.others, day.drawnGoals * policy.negativesPerPositive);
}

/** A class that nobody is in counts as drawn in full. */
export function drawnClass(population: number, drawn: number): DrawnClass {
  return { population, drawn, fraction: population === 0 ? 1 : drawn / population };
}
