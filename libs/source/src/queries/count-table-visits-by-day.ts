import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { FeatureTable, SourceDefinition } from '../declaration/sources-schema';
import { daysBack } from './count-visits-by-day';
import { allOf, eventCounts } from './cut';
import { inRange, visitColumn, type VisitRange } from './goal-visits';
import type { Query } from './query';
import { hash } from './select-ids-by-hash';

/** Which visits of a range are looked up in the feature tables. */
export interface LookedUpVisits {
  readonly range: VisitRange;
  /** Those with a hash below this, of 2^52; absent: all. */
  readonly below?: number | undefined;
}

/** Days back from the end, visits that were looked up, then those with a row by table. */
export type TableDayRow = [number, number, ...number[]];

/**
 * How many visits have a row in each feature table, by day: one scan of the visits, and a look-up by its key's index
 * in each table for every visit.
 *
 * @param tables whose keys are indexed: every look-up would read the whole table otherwise
 */
export function countTableVisitsByDay(
  source: SourceDefinition,
  tables: readonly FeatureTable[],
  visits: LookedUpVisits,
): Query<TableDayRow> {
  const found = tables.map(
    (table, at) => sql`,
    EXISTS (SELECT 1 FROM ${identifier(table.table)} f
      WHERE ${allOf([isOfVisit(source, table), eventCounts(source, table)])}) AS ${columnOf(at)}`,
  );
  const counts = tables.map((_, at) => sql`, COUNT(CASE WHEN ${columnOf(at)} = 1 THEN 1 END)`);
  return {
    name: 'count-table-visits-by-day',
    sql: sql`SELECT day_back, COUNT(*)${joinSql(counts, '')}
FROM (SELECT ${daysBack(visitColumn(source, 'time'), visits.range.end)} AS day_back${joinSql(found, '')}
  FROM ${identifier(source.visits.table)} v
  WHERE ${isLookedUp(source, visits)}) AS looked_up
GROUP BY day_back ORDER BY day_back`,
    row: z.tuple([z.number(), z.number()]).rest(z.number()),
  };
}

/** The same for one table without an index on its key: one join, for which the server chooses the way. */
export function countUnindexedTableVisitsByDay(
  source: SourceDefinition,
  table: FeatureTable,
  visits: LookedUpVisits,
): Query<[number, number]> {
  const id = visitColumn(source, 'id');
  return {
    name: `count-table-visits-by-day ${table.table}`,
    sql: sql`SELECT day_back, COUNT(*)
FROM (SELECT DISTINCT ${id} AS visit_id, ${daysBack(visitColumn(source, 'time'), visits.range.end)} AS day_back
  FROM ${identifier(table.table)} f JOIN ${identifier(source.visits.table)} v ON ${isOfVisit(source, table)}
  WHERE ${allOf([isLookedUp(source, visits), eventCounts(source, table)])}) AS found_visits
GROUP BY day_back ORDER BY day_back`,
    row: z.tuple([z.number(), z.number()]),
  };
}

function isOfVisit(source: SourceDefinition, { key }: FeatureTable): SqlText {
  return sql`${identifier('f', key)} = ${visitColumn(source, 'id')}`;
}

function isLookedUp(source: SourceDefinition, { range, below }: LookedUpVisits): SqlText {
  if (below === undefined) return inRange(source, range);
  return allOf([inRange(source, range), sql`${hash('days', visitColumn(source, 'id'))} < ${below}`]);
}

function columnOf(at: number): SqlText {
  return identifier(`table_${at}`);
}
