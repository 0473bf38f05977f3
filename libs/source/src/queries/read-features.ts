import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { CatalogueColumn } from '../catalogue/catalogue';
import { NUMBER_PATTERN } from '../catalogue/column-uses';
import type { FeatureColumn, ResolvedFeatureTable } from '../catalogue/feature-columns';
import type { SourceDefinition } from '../declaration/sources-schema';
import { eventCounts } from './cut';
import { DRAWN_TABLE } from './drawn-visits';
import { visitColumn } from './goal-visits';
import type { Query } from './query';
import { unreadableIfKnown } from './readable';
import { canonical } from './select-ids-by-hash';
import { epochMs } from './visit-bounds';

/**
 * Position, event time in milliseconds (null without one, or if it cannot be read), one value per column (null
 * = unknown; text if a column of numbers has text), and for events the time as text if it cannot be read.
 */
export type FeatureRow = [number, number | null, ...(number | string | null)[]];

/**
 * Reads a feature table, only through a join with the drawn visits (rules R2); of events those that count, and
 * those with an unreadable time (null), which never count.
 *
 * @param mostCharacters of a value of a column that may hold megabytes; the rest of it is not sent
 */
export function readFeatures(
  source: SourceDefinition,
  table: ResolvedFeatureTable,
  typeOf: (column: string) => CatalogueColumn | undefined,
  mostCharacters: number,
): Query<FeatureRow> {
  const { definition, columns } = table;
  const time = definition.time === undefined ? sql`NULL` : epochMs(identifier('f', definition.time));
  const values = columns.map((column) =>
    startOf(asHeld(column, typeOf(column.column)), typeOf(column.column), mostCharacters),
  );
  const shown = definition.time === undefined ? [] : [unreadableIfKnown(identifier('f', definition.time))];
  return {
    name: `read-features ${definition.table}`,
    sql: sql`SELECT t.position, ${time}${joinSql(
      [...values, ...shown].map((value) => sql`, ${value}`),
      '',
    )}
FROM ${DRAWN_TABLE} t ${definition.time === undefined ? sql`` : withVisit(source)}JOIN ${identifier(definition.table)} f
  ON ${identifier('f', definition.key)} = t.visit_id${
    definition.time === undefined
      ? sql``
      : sql`\nWHERE (${eventCounts(source, definition)}) OR ${unreadableIfKnown(identifier('f', definition.time))} IS NOT NULL${eventOrder(values.length)}`
  }`,
    row: z.tuple([z.number(), z.number().nullable()]).rest(z.union([z.number(), z.string(), z.null()])),
  };
}

/** Joins the visit, which determines the cut of an event. */
function withVisit(source: SourceDefinition): SqlText {
  return sql`JOIN ${identifier(source.visits.table)} v ON ${visitColumn(source, 'id')} = t.visit_id `;
}

/** Events of a visit ordered by time, and then by their values, so that sums are reproducible. */
function eventOrder(values: number): SqlText {
  const ordinals = Array.from({ length: values + 2 }, (_, at) => String(at + 1)).join(', ');
  return { text: `\nORDER BY ${ordinals}`, values: [] };
}

/** Numbers stored as text are read as text, so that the reader can see which are not numbers. */
function asHeld(feature: FeatureColumn, type: CatalogueColumn | undefined): SqlText {
  return feature.kind === 'number' && isText(type)
    ? canonical(identifier('f', feature.column))
    : featureValue(feature, type);
}

function startOf(value: SqlText, type: CatalogueColumn | undefined, mostCharacters: number): SqlText {
  if (type?.kind !== 'text' && type?.kind !== 'other') return value;
  const most: SqlText = { text: String(mostCharacters), values: [] };
  return sql`LEFT(${value}, ${most})`;
}

function isText(type: CatalogueColumn | undefined): boolean {
  return type !== undefined && type.kind !== 'integer' && type.kind !== 'number';
}

/**
 * Numbers are read as DOUBLE whatever their type, categories as text in UTF-8. A BIT is read as its number, an
 * ENUM as its word: the server's own conversions would give a byte and an index.
 */
export function featureValue(feature: FeatureColumn, type: CatalogueColumn | undefined): SqlText {
  const column = identifier('f', feature.column);
  if (feature.kind === 'category') {
    const read = type?.dataType === 'bit' ? sql`${column} + 0` : column;
    const text = canonical(read);
    return sql`${type?.dataType === 'decimal' ? withoutZeros(text) : text} COLLATE utf8mb4_bin`;
  }
  if (!isText(type)) return sql`${column} + 0e0`;
  // text that is not a number is unknown, although the server would read 0
  const text = canonical(column);
  const pattern: SqlText = { text: `'${NUMBER_PATTERN}'`, values: [] };
  return sql`CASE WHEN ${text} REGEXP ${pattern} THEN ${text} + 0e0 END`;
}

/** A DECIMAL is shown with all digits of its column: `1.50` and `1.5` are one number, so one level. */
function withoutZeros(decimal: SqlText): SqlText {
  return sql`CASE WHEN ${decimal} LIKE '%.%'
  THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${decimal})) ELSE ${decimal} END`;
}
