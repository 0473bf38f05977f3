import { identifier, joinSql, sql, type SqlText } from '../sql-text';
import { filterHolds, type TypedGoal } from '../filter-values';
import type { SourceDefinition } from '../sources-schema';

/** Visits of one product in a half-open range of time, UTC. */
export interface VisitRange {
  readonly product: number;
  readonly start: Date;
  readonly end: Date;
}

/** UTC as a DATETIME literal; the session's zone is UTC, so it holds for TIMESTAMP columns too. */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

/** A column of visits `v`. */
export function visitColumn(source: SourceDefinition, role: 'id' | 'product' | 'time'): SqlText {
  return identifier('v', source.visits[role]);
}

/** Condition on visits `v`: in the range. */
export function inRange(source: SourceDefinition, range: VisitRange): SqlText {
  const time = visitColumn(source, 'time');
  return sql`${visitColumn(source, 'product')} = ${range.product}
  AND ${time} >= ${sqlTime(range.start)} AND ${time} < ${sqlTime(range.end)}`;
}

/** Condition on a goal row `g` (and, with a horizon, its visit `v`): the row counts. */
export function rowCounts(source: SourceDefinition, goal: TypedGoal): SqlText {
  const conditions = goal.filters.map((filter) => filterHolds(filter, identifier('g', filter.column)));
  if (goal.value !== undefined && goal.minimumValue !== undefined) {
    conditions.push(sql`${identifier('g', goal.value)} >= ${goal.minimumValue}`);
  }
  if (goal.horizonDays > 0) {
    const visitTime = visitColumn(source, 'time');
    const goalTime = identifier('g', goal.time);
    const seconds = Math.round(goal.horizonDays * 86_400);
    conditions.push(
      sql`${goalTime} >= ${visitTime} AND ${goalTime} < ${visitTime} + INTERVAL ${seconds} SECOND`,
    );
  }
  return conditions.length > 0 ? joinSql(conditions, ' AND ') : sql`TRUE`;
}

/** The visits of the range that have the goal, once each: columns `visit_id` and `visit_time`. */
export function visitsWithGoal(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): SqlText {
  const id = visitColumn(source, 'id');
  const parts = goals.map(
    (goal) => sql`SELECT DISTINCT ${id} AS visit_id, ${visitColumn(source, 'time')} AS visit_time
  FROM ${identifier(goal.table)} g JOIN ${identifier(source.visits.table)} v ON ${id} = ${identifier('g', goal.visit)}
  WHERE ${inRange(source, range)}
  AND ${rowCounts(source, goal)}`,
  );
  return joinSql(parts, '\n  UNION\n  ');
}

/** Condition on visits `v`: none of the goals was reached. */
export function withoutGoal(source: SourceDefinition, goals: readonly TypedGoal[]): SqlText {
  const id = visitColumn(source, 'id');
  return joinSql(
    goals.map(
      (goal) => sql`NOT EXISTS (SELECT 1 FROM ${identifier(goal.table)} g
    WHERE ${identifier('g', goal.visit)} = ${id} AND ${rowCounts(source, goal)})`,
    ),
    '\n  AND ',
  );
}
