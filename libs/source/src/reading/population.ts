import type { Statements } from '../access/statements';
import { cutOf } from '../declaration/cut-declaration';
import type { SourceDefinition } from '../declaration/sources-schema';
import { countPopulation } from '../queries/count-population';
import type { VisitRange } from '../queries/goal-visits';
import type { TypedGoal } from '../values/filter-values';

/** Visits of a range by class. */
export interface Population {
  readonly goals: number;
  readonly others: number;
  /** In a source with a cut: visits of neither class, each counted once. */
  readonly leftOut?: LeftOut;
}

/** Why visits belong to neither class (rules R3). */
export interface LeftOut {
  /** A goal was reached before the visit's cut. */
  readonly goalBeforeCut: number;
  /** The cut column is NULL. */
  readonly noCut: number;
  /** The cut is so late that goals may still occur. */
  readonly cutTooLate: number;
}

/** Counts the visits of a range: with the goal, without it, and those of neither class. */
export async function populationOf(
  statements: Statements,
  { definition, goals }: { readonly definition: SourceDefinition; readonly goals: readonly TypedGoal[] },
  range: VisitRange,
): Promise<Population> {
  const [visits, withGoal, goalBeforeCut = 0, noCut = 0, cutTooLate = 0] = await statements.one(
    countPopulation(definition, goals, range),
  );
  const counted = { goals: withGoal, others: visits - withGoal - goalBeforeCut - noCut - cutTooLate };
  return cutOf(definition) ? { ...counted, leftOut: { goalBeforeCut, noCut, cutTooLate } } : counted;
}

/** Total number of visits that were left out. */
export function leftOutOf({ leftOut }: Pick<Population, 'leftOut'>): number {
  return leftOut ? leftOut.goalBeforeCut + leftOut.noCut + leftOut.cutTooLate : 0;
}
