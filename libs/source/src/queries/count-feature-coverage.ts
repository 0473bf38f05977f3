import { identifier, joinSql, sql } from '@factory/mysql';
import { z } from 'zod';
import type { CatalogueColumn } from '../catalogue/catalogue';
import type { ResolvedFeatureTable } from '../catalogue/feature-columns';
import type { SourceDefinition } from '../declaration/sources-schema';
import { allOf, eventCounts } from './cut';
import { inRange, visitColumn, type VisitRange } from './goal-visits';
import type { Query } from './query';
import { featureValue } from './read-features';

/** Visits checked, visits with a row, rows, then the number of known values of each column. */
export type CoverageRow = [number, number, number, ...number[]];

/**
 * How many of the range's visits have a row in a feature table and how many known values each column has; of
 * events only those that count. Checks at most `limit` visits: this is an input check, not a statistic.
 */
export function countFeatureCoverage(
  source: SourceDefinition,
  table: ResolvedFeatureTable,
  range: VisitRange,
  limit: number,
  typeOf: (column: string) => CatalogueColumn | undefined,
): Query<CoverageRow> {
  const { definition, columns } = table;
  const known = columns.map((column) => sql`, COUNT(${featureValue(column, typeOf(column.column))})`);
  const key = identifier('f', definition.key);
  return {
    name: `count-feature-coverage ${definition.table}`,
    sql: sql`SELECT COUNT(DISTINCT some_visits.visit_id), COUNT(DISTINCT ${key}), COUNT(${key})${joinSql(known, '')}
FROM (SELECT ${visitColumn(source, 'id')} AS visit_id FROM ${identifier(source.visits.table)} v
  WHERE ${inRange(source, range)} LIMIT ${limit}) AS some_visits
${definition.time === undefined ? sql`` : sql`JOIN ${identifier(source.visits.table)} v ON ${visitColumn(source, 'id')} = some_visits.visit_id\n`}LEFT JOIN ${identifier(definition.table)} f ON ${allOf([sql`${key} = some_visits.visit_id`, eventCounts(source, definition)])}`,
    row: z.tuple([z.number(), z.number(), z.number()]).rest(z.number()),
  };
}
