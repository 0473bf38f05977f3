import { z } from 'zod';
import type { Query } from '../query';
import { identifier, sql } from '../sql-text';
import type { TypedGoal } from '../filter-values';
import type { SourceDefinition } from '../sources-schema';
import { DRAWN_TABLE } from './drawn-visits';
import { rowCounts, visitColumn } from './goal-visits';
import { canonical } from './select-ids-by-hash';
import { epochMs } from './visit-bounds';

/** Position, visit time in milliseconds since the epoch, visitor (null = not known, or no such column). */
export type DrawnVisitRow = [number, number, string | null];

/** What the visits table knows of the drawn visits. */
export function readDrawnVisits(source: SourceDefinition): Query<DrawnVisitRow> {
  const { table, visitor } = source.visits;
  const who = visitor === undefined ? sql`NULL` : canonical(identifier('v', visitor));
  return {
    name: 'read-drawn-visits',
    sql: sql`SELECT t.position, ${epochMs(visitColumn(source, 'time'))}, ${who}
FROM ${DRAWN_TABLE} t JOIN ${identifier(table)} v ON ${visitColumn(source, 'id')} = t.visit_id`,
    row: z.tuple([z.number(), z.number(), z.string().nullable()]),
  };
}

/** Position, time of a goal row that counts, in milliseconds since the epoch. */
export type GoalTimeRow = [number, number];

/** When the drawn visits reached the goal: a row each time, the earliest is the cut-off of feature events. */
export function readGoalTimes(source: SourceDefinition, goal: TypedGoal): Query<GoalTimeRow> {
  const id = visitColumn(source, 'id');
  return {
    name: 'read-goal-times',
    sql: sql`SELECT t.position, ${epochMs(identifier('g', goal.time))}
FROM ${DRAWN_TABLE} t
JOIN ${identifier(source.visits.table)} v ON ${id} = t.visit_id
JOIN ${identifier(goal.table)} g ON ${identifier('g', goal.visit)} = ${id}
WHERE ${rowCounts(source, goal)} AND ${identifier('g', goal.time)} IS NOT NULL`,
    row: z.tuple([z.number(), z.number()]),
  };
}
