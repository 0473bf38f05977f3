import { identifier, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import { visitColumn } from './goal-visits';
import type { Query } from './query';

/** First and last visit of a product in milliseconds since the epoch; null if it has none. */
export function visitBounds(
  source: SourceDefinition,
  product: number,
): Query<[number | null, number | null]> {
  const time = visitColumn(source, 'time');
  return {
    name: 'visit-bounds',
    sql: sql`SELECT ${epochMs(sql`MIN(${time})`)}, ${epochMs(sql`MAX(${time})`)}
FROM ${identifier(source.visits.table)} v WHERE ${visitColumn(source, 'product')} = ${product}
  AND ${time} >= '1000-01-01 00:00:00'`,
    row: z.tuple([z.number().nullable(), z.number().nullable()]),
  };
}

/** A time as milliseconds since the epoch, UTC. */
export function epochMs(time: SqlText): SqlText {
  return sql`TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', ${time}) DIV 1000`;
}
