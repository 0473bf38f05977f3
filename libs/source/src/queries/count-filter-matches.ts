import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { GoalFilter, SourceDefinition } from '../declaration/sources-schema';
import { filterHolds, type TypedGoal } from '../values/filter-values';
import { allOf } from './cut';
import { inRange, visitColumn, type VisitRange } from './goal-visits';
import type { Query } from './query';

/**
 * Rows of the goal's table, then the rows that pass each condition, and those that pass all if there are
 * several.
 */
export type FilterMatchesRow = [number, ...number[]];

/** How many goal rows of a window one filter, or the minimum value, lets through. */
export interface FilterMatches {
  /** `table.column`; the table if it is about all conditions together. */
  readonly column: string;
  /** In words, such as `in [paid, shipped]`. */
  readonly condition: string;
  /** Goal rows of the window's visits, before any filter. */
  readonly rows: number;
  /** Of those, rows that pass this one. */
  readonly passed: number;
  /** Whether all rows may pass it. */
  readonly mayPassAll: boolean;
}

/** How many goal rows the range's visits have, and how many pass each filter alone and all together. */
export function countFilterMatches(
  source: SourceDefinition,
  goal: TypedGoal,
  range: VisitRange,
): Query<FilterMatchesRow> {
  const conditions = conditionsOf(goal);
  const together = conditions.length > 1 ? [sql`(${allOf(conditions)})`] : [];
  const passed = [...conditions, ...together].map(
    (condition) => sql`, COUNT(CASE WHEN ${condition} THEN 1 END)`,
  );
  return {
    name: `count-filter-matches ${goal.table}`,
    sql: sql`SELECT COUNT(*)${joinSql(passed, '')}
FROM ${identifier(goal.table)} g JOIN ${identifier(source.visits.table)} v
  ON ${visitColumn(source, 'id')} = ${identifier('g', goal.visit)}
WHERE ${inRange(source, range)}`,
    row: z.tuple([z.number()]).rest(z.number()),
  };
}

/** Converts the query's result, condition by condition. */
export function matchesOf(goal: TypedGoal, rows: number, passed: readonly number[]): FilterMatches[] {
  const filters = goal.filters.map(({ declared }) => ({
    column: `${goal.table}.${declared.column}`,
    condition: described(declared),
    mayPassAll: declared.matchesAll === 'allowed',
  }));
  const limits = hasMinimum(goal)
    ? [
        {
          column: `${goal.table}.${goal.value}`,
          condition: `at least ${goal.minimumValue}`,
          mayPassAll: true,
        },
      ]
    : [];
  const each = [...filters, ...limits];
  const together = {
    column: goal.table,
    condition: `all ${each.length} together`,
    mayPassAll: true,
  };
  return [...each, ...(each.length > 1 ? [together] : [])].map((one, at) => ({
    ...one,
    rows,
    passed: passed[at] ?? 0,
  }));
}

function conditionsOf(goal: TypedGoal): SqlText[] {
  return [
    ...goal.filters.map((filter) => filterHolds(filter, identifier('g', filter.column))),
    ...(hasMinimum(goal) ? [sql`${identifier('g', goal.value)} >= ${goal.minimumValue}`] : []),
  ];
}

function hasMinimum(goal: TypedGoal): goal is TypedGoal & { value: string; minimumValue: number } {
  return goal.value !== undefined && goal.minimumValue !== undefined;
}

function described(filter: GoalFilter): string {
  const values = (filter.in ?? filter.notIn ?? []).map(String).join(', ');
  return `${filter.in ? 'in' : 'notIn'} [${values}]`;
}
