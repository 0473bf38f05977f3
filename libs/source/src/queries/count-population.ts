import { identifier, sql } from '@factory/mysql';
import { z } from 'zod';
import { cutOf } from '../declaration/cut-declaration';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { TypedGoal } from '../values/filter-values';
import { cutIsTooLate, cutIsUnknown } from './cut';
import { inRange, visitsWithEarlyGoal, visitsWithGoal, type VisitRange } from './goal-visits';
import type { Query } from './query';

/**
 * Visits, visits with the goal; for a source with a cut also visits with a goal before it, without a cut, and
 * with a cut too late to be labelled. No visit is in two of the last four.
 */
export type PopulationRow = [number, number, ...number[]];

/** How many visits of each class the range has, all at one instant. */
export function countPopulation(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): Query<PopulationRow> {
  return {
    name: 'count-population',
    sql: sql`SELECT
  (SELECT COUNT(*) FROM ${identifier(source.visits.table)} v WHERE ${inRange(source, range)}) AS visits,
  (SELECT COUNT(*) FROM (${visitsWithGoal(source, goals, range)}) AS goal_visits) AS goals${
    cutOf(source) === undefined ? sql`` : leftOut(source, goals, range)
  }`,
    row: z.tuple([z.number(), z.number()]).rest(z.number()),
  };
}

function leftOut(source: SourceDefinition, goals: readonly TypedGoal[], range: VisitRange) {
  const visits = sql`SELECT COUNT(*) FROM ${identifier(source.visits.table)} v WHERE ${inRange(source, range)}`;
  return sql`,
  (SELECT COUNT(*) FROM (${visitsWithEarlyGoal(source, goals, range)}) AS early_visits) AS goal_before_cut,
  (${visits} AND ${cutIsUnknown(source)}) AS no_cut,
  (${visits} AND ${cutIsTooLate(source, range.latestCut)}) AS cut_too_late`;
}
