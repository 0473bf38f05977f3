import { identifier, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { TypedGoal } from '../values/filter-values';
import { allOf, sqlTime } from './cut';
import { inRange, rowPasses, visitColumn, type VisitRange } from './goal-visits';
import type { Query } from './query';
import { isReadable, unreadableIfKnown, unreadableText } from './readable';

/** How many values of one column cannot be read, and the smallest of them. */
export type UnreadableRow = [count: number, example: string | null];

/**
 * The first instant that a DATETIME reliably represents: unreadable values are before it, or in the range. A
 * DATETIME for TIMESTAMP columns as well: MySQL finds nothing before a text that a TIMESTAMP cannot represent.
 */
const EARLIEST = sql`CAST('1000-01-01 00:00:00' AS DATETIME)`;

/**
 * Visits of the product without an id, and those with an invalid time or cut; then visits without a product.
 */
export function countUnreadableVisits(
  source: SourceDefinition,
  { product, start, end }: VisitRange,
): Query<[...UnreadableRow, ...UnreadableRow, ...UnreadableRow, number]> {
  const { table } = source.visits;
  const time = visitColumn(source, 'time');
  const id = visitColumn(source, 'id');
  const within = sql`${time} >= ${sqlTime(start)} AND ${time} < ${sqlTime(end)}`;
  const noId = sql`CASE WHEN ${id} IS NULL THEN 'NULL' END`;
  const cut = source.cut === undefined ? undefined : identifier('v', source.cut);
  const noCut = cut ? unreadableIfKnown(cut) : sql`NULL`;
  const visitProduct = visitColumn(source, 'product');
  const count = z.number();
  const example = z.string().nullable();
  return {
    name: 'count-unreadable-visits',
    sql: sql`SELECT ${countOf(noId)}, ${countOf(unreadableText(time))}, ${countOf(noCut)},
  (SELECT COUNT(*) FROM ${identifier(table)} v WHERE ${visitProduct} IS NULL AND ${within})
FROM ${identifier(table)} v
WHERE ${visitProduct} = ${product} AND (${time} IS NULL OR ${time} < ${EARLIEST}
  OR (${within} AND (${id} IS NULL OR NOT ${isReadable(time)}${noReadableCut(cut)})))`,
    row: z.tuple([count, example, count, example, count, example, count]),
  };
}

/** Goal rows of the range's visits that pass the filters and have an invalid time. */
export function countUnreadableGoals(
  source: SourceDefinition,
  goal: TypedGoal,
  { product, start, end }: VisitRange,
): Query<UnreadableRow> {
  const time = identifier('g', goal.time);
  const visitTime = visitColumn(source, 'time');
  const conditions = allOf([
    sql`${visitColumn(source, 'product')} = ${product}`,
    sql`${visitTime} >= ${sqlTime(start)} AND ${visitTime} < ${sqlTime(end)}`,
    ...rowPasses(goal),
    sql`NOT ${isReadable(time)}`,
  ]);
  return {
    name: `count-unreadable-goals ${goal.table}`,
    sql: sql`SELECT ${countOf(unreadableText(time))}
FROM ${identifier(goal.table)} g JOIN ${identifier(source.visits.table)} v
  ON ${visitColumn(source, 'id')} = ${identifier('g', goal.visit)}
WHERE ${conditions}`,
    row: z.tuple([z.number(), z.string().nullable()]),
  };
}

/** Goal rows of the range's visits that pass the filters, and how many of them are before their visit. */
export function countGoalsBeforeVisit(
  source: SourceDefinition,
  goal: TypedGoal,
  range: VisitRange,
): Query<[rows: number, before: number]> {
  const before = sql`${identifier('g', goal.time)} < ${visitColumn(source, 'time')}`;
  const conditions = allOf([
    inRange(source, range),
    ...rowPasses(goal),
    isReadable(identifier('g', goal.time)),
  ]);
  return {
    name: `count-goals-before-visit ${goal.table}`,
    sql: sql`SELECT COUNT(*), COUNT(CASE WHEN ${before} THEN 1 END)
FROM ${identifier(goal.table)} g JOIN ${identifier(source.visits.table)} v
  ON ${visitColumn(source, 'id')} = ${identifier('g', goal.visit)}
WHERE ${conditions}`,
    row: z.tuple([z.number(), z.number()]),
  };
}

/** The condition selects the few rows to be counted, so each time of the range is evaluated once. */
function noReadableCut(cut: SqlText | undefined): SqlText {
  return cut ? sql` OR (${cut} IS NOT NULL AND NOT ${isReadable(cut)})` : sql``;
}

function countOf(text: SqlText): SqlText {
  return sql`COUNT(${text}), MIN(${text})`;
}
