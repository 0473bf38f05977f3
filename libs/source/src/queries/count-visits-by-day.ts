import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import { cutIsKnown, sqlTime } from './cut';
import { inRange, visitColumn, type VisitRange } from './goal-visits';
import type { Query } from './query';

/** Days back from the end, visits, distinct ids, and visits whose goals can all have occurred. */
export type VisitDayRow = [number, number, number, number];

/**
 * Days of 24 hours back from the end of a range, 0 = the last ones. They need no midnight: a day that the range has
 * only in part would look like one that arrived in part.
 */
export function daysBack(time: SqlText, end: Date): SqlText {
  return sql`(TIMESTAMPDIFF(MICROSECOND, ${time}, CAST(${sqlTime(end)} AS DATETIME(6))) - 1)
  DIV 86400000000`;
}

/**
 * Visits of the range by day, over the index of product and time alone if ids are the primary key.
 *
 * @param isUnique the ids are unique by an index: they need not be sorted to be counted
 */
export function countVisitsByDay(
  source: SourceDefinition,
  range: VisitRange,
  isUnique: boolean,
): Query<VisitDayRow> {
  const known = cutIsKnown(source, range.latestCut);
  const columns = [
    ...(isUnique ? [] : [sql`, ${visitColumn(source, 'id')} AS visit_id`]),
    ...(known.text === 'TRUE' ? [] : [sql`, CASE WHEN ${known} THEN 1 END AS is_labelled`]),
  ];
  return {
    name: 'count-visits-by-day',
    sql: sql`SELECT day_back, COUNT(*), COUNT(${isUnique ? sql`*` : sql`DISTINCT visit_id`}),
  COUNT(${known.text === 'TRUE' ? sql`*` : sql`is_labelled`})
FROM (SELECT ${daysBack(visitColumn(source, 'time'), range.end)} AS day_back${joinSql(columns, '')}
  FROM ${identifier(source.visits.table)} v
  WHERE ${inRange(source, range)}) AS range_visits
GROUP BY day_back ORDER BY day_back`,
    row: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  };
}
