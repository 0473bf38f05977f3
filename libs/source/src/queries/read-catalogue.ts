import { joinSql, sql } from '@factory/mysql';
import { z } from 'zod';
import type { Query } from './query';

const text = z.string();

/** table, column, type (`int`), full type (`int(10) unsigned`), charset, collation. */
export type ColumnRow = [string, string, string, string, string | null, string | null];
/** table, index, 1 = not unique, position in the index from 1, column. */
export type IndexRow = [string, string, number, number, string];

/** The columns of the given tables, from the database's catalogue. */
export function readColumns(tables: readonly string[]): Query<ColumnRow> {
  const names = joinSql(
    tables.map((table) => sql`${table}`),
    ', ',
  );
  return {
    name: 'read-columns',
    sql: sql`SELECT table_name, column_name, data_type, column_type, character_set_name, collation_name
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name IN (${names})
ORDER BY table_name, ordinal_position`,
    row: z.tuple([text, text, text, text, text.nullable(), text.nullable()]),
  };
}

/** The indexes of the given tables, one row per column of an index. */
export function readIndexes(tables: readonly string[]): Query<IndexRow> {
  const names = joinSql(
    tables.map((table) => sql`${table}`),
    ', ',
  );
  return {
    name: 'read-indexes',
    sql: sql`SELECT table_name, index_name, non_unique, seq_in_index, column_name
FROM information_schema.statistics
WHERE table_schema = DATABASE() AND table_name IN (${names}) AND column_name IS NOT NULL
ORDER BY table_name, index_name, seq_in_index`,
    row: z.tuple([text, text, z.number(), z.number(), text]),
  };
}
