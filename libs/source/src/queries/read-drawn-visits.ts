import { identifier, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { CatalogueColumn } from '../catalogue/catalogue';
import { isBinary } from '../catalogue/column-uses';
import type { SourceDefinition } from '../declaration/sources-schema';
import { DRAWN_TABLE } from './drawn-visits';
import { visitColumn } from './goal-visits';
import type { Query } from './query';
import { unreadableText } from './readable';
import { canonical } from './select-ids-by-hash';
import { epochMs } from './visit-bounds';

/**
 * Position, visit time in milliseconds since the epoch, visitor (null = empty, unknown, or no such column;
 * bytes if the column has bytes), and the time as text if it cannot be read.
 */
export type DrawnVisitRow = [number, number | null, string | Buffer | null, string | null];

/** The columns of the visits table for the drawn visits. */
export function readDrawnVisits(
  source: SourceDefinition,
  typeOf: (column: string) => CatalogueColumn | undefined,
): Query<DrawnVisitRow> {
  const { table, visitor } = source.visits;
  const who = visitor === undefined ? sql`NULL` : visitorText(identifier('v', visitor), typeOf(visitor));
  const time = visitColumn(source, 'time');
  return {
    name: 'read-drawn-visits',
    sql: sql`SELECT t.position, ${epochMs(time)}, ${who}, ${unreadableText(time)}
FROM ${DRAWN_TABLE} t JOIN ${identifier(table)} v ON ${visitColumn(source, 'id')} = t.visit_id`,
    row: z.tuple([
      z.number(),
      z.number().nullable(),
      z.union([z.string(), z.instanceof(Buffer), z.null()]),
      z.string().nullable(),
    ]),
  };
}

/** Bytes are read unchanged: converted to a character set, the server would write `?` for invalid text. */
function visitorText(visitor: SqlText, type: CatalogueColumn | undefined): SqlText {
  return knownVisitor(type && isBinary(type) ? visitor : canonical(visitor));
}

/** A blank visitor counts as unknown: not all of them are one person. */
function knownVisitor(visitor: SqlText): SqlText {
  return sql`CASE WHEN TRIM(${visitor}) <> '' THEN ${visitor} END`;
}
