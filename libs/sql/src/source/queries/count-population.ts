import { z } from 'zod';
import type { Query } from '../query';
import { identifier, sql } from '../sql-text';
import type { TypedGoal } from '../filter-values';
import type { SourceDefinition } from '../sources-schema';
import { inRange, visitsWithGoal, type VisitRange } from './goal-visits';

/** Visits, visits with the goal. */
export type PopulationRow = [number, number];

/** How many visits the range has, and how many of them have the goal. */
export function countPopulation(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): Query<PopulationRow> {
  return {
    name: 'count-population',
    sql: sql`SELECT
  (SELECT COUNT(*) FROM ${identifier(source.visits.table)} v WHERE ${inRange(source, range)}) AS visits,
  (SELECT COUNT(*) FROM (${visitsWithGoal(source, goals, range)}) AS goal_visits) AS goals`,
    row: z.tuple([z.number(), z.number()]),
  };
}
