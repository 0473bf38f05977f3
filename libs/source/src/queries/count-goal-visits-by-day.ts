import { sql } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { TypedGoal } from '../values/filter-values';
import { daysBack } from './count-visits-by-day';
import { visitsWithGoal, type VisitRange } from './goal-visits';
import type { Query } from './query';

/** Days back from the end (0 = the last 24 hours), visits with the goal. */
export type DayBackRow = [number, number];

/**
 * One grouped query for all candidate windows (rules R1) and for the checks of days (rules R16): visits with the goal by the day of the visit, counted
 * in whole days back from the range's end, `[end - (k + 1) days, end - k days)`.
 */
export function countGoalVisitsByDay(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): Query<DayBackRow> {
  return {
    name: 'count-goal-visits-by-day',
    sql: sql`SELECT ${daysBack(sql`visit_time`, range.end)} AS day_back, COUNT(*) AS sales
FROM (${visitsWithGoal(source, goals, range)}) AS goal_visits
GROUP BY day_back ORDER BY day_back`,
    row: z.tuple([z.number(), z.number()]),
  };
}
