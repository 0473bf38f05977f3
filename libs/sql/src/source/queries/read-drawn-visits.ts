import { z } from 'zod';
import type { Query } from '../query';
import { identifier, sql, type SqlText } from '../sql-text';
import type { SourceDefinition } from '../sources-schema';
import { DRAWN_TABLE } from './drawn-visits';
import { visitColumn } from './goal-visits';
import { canonical } from './select-ids-by-hash';
import { epochMs } from './visit-bounds';

/** Position, visit time in milliseconds since the epoch, visitor (null = empty or not known, or no such column). */
export type DrawnVisitRow = [number, number, string | null];

/** What the visits table knows of the drawn visits. */
export function readDrawnVisits(source: SourceDefinition): Query<DrawnVisitRow> {
  const { table, visitor } = source.visits;
  const who = visitor === undefined ? sql`NULL` : knownVisitor(canonical(identifier('v', visitor)));
  return {
    name: 'read-drawn-visits',
    sql: sql`SELECT t.position, ${epochMs(visitColumn(source, 'time'))}, ${who}
FROM ${DRAWN_TABLE} t JOIN ${identifier(table)} v ON ${visitColumn(source, 'id')} = t.visit_id`,
    row: z.tuple([z.number(), z.number(), z.string().nullable()]),
  };
}

/** Nothing but blanks names nobody: all of them are not one person. */
function knownVisitor(visitor: SqlText): SqlText {
  return sql`CASE WHEN TRIM(${visitor}) <> '' THEN ${visitor} END`;
}
