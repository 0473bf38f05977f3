import { columnNameFault, foldedName, type Refusal } from '@factory/domain';
import type { FeatureTable, SourceDefinition } from '../declaration/sources-schema';
import type { Catalogue, CatalogueColumn } from './catalogue';
import { isMask } from './column-uses';

/** A column of a table that becomes a column of the dataset. */
export interface FeatureColumn {
  readonly table: string;
  readonly column: string;
  /** Its name in the dataset: the table's prefix and the column's name. */
  readonly name: string;
  readonly kind: 'number' | 'category';
}

/** A feature table with the columns to read. */
export interface ResolvedFeatureTable {
  readonly definition: FeatureTable;
  readonly columns: readonly FeatureColumn[];
}

export interface DroppedColumn {
  /** `table.column`. */
  readonly column: string;
  readonly reason: string;
}

export interface ResolvedFeatures {
  readonly tables: readonly ResolvedFeatureTable[];
  /** Columns of the tables that are not read, each with its reason (rules R4). */
  readonly dropped: readonly DroppedColumn[];
  /** Names that columns which sources.yaml leaves out would have in a dataset. */
  readonly leftOut: readonly string[];
  readonly refusals: readonly (Refusal & { readonly code: string })[];
}

const NOT_DECLARED = 'not declared';
const EXCLUDED = 'excluded';
const LEFT_OUT = new Set([NOT_DECLARED, EXCLUDED]);

/** Columns that every dataset has. */
const RESERVED = new Set(['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight', 'visitor_half']);

/**
 * Determines which columns of the declared tables are features, by name and type. Columns that identify (keys,
 * product, visitor), dates, and all columns that any goal reads are never features, in any table: in a wide
 * table the goal is next to the features.
 */
export function resolveFeatures(source: SourceDefinition, catalogue: Catalogue): ResolvedFeatures {
  const dropped: DroppedColumn[] = [];
  const leftOut: string[] = [];
  const tables = source.features.map((definition) => ({
    definition,
    columns: catalogue.columns(definition.table).flatMap((column) => {
      const reason = reasonToDrop(source, definition, column);
      if (reason !== undefined) {
        if (LEFT_OUT.has(reason)) leftOut.push(`${definition.prefix}${column.name}`);
        if (reason !== NOT_DECLARED) dropped.push({ column: `${definition.table}.${column.name}`, reason });
        return [];
      }
      const kind = kindOf(definition, column) ?? 'number';
      const name = `${definition.prefix}${column.name}`;
      return [{ table: definition.table, column: column.name, name, kind }];
    }),
  }));
  return { tables, dropped, leftOut, refusals: refusalsOf(source, tables) };
}

function reasonToDrop(
  source: SourceDefinition,
  definition: FeatureTable,
  column: CatalogueColumn,
): string | undefined {
  const { name } = column;
  if (definition.columns && !definition.columns.includes(name)) return NOT_DECLARED;
  if (definition.exclude.includes(name)) return EXCLUDED;
  if (name === definition.key || name === source.visits.id || name === source.visits.visitor) return 'id';
  if (name === source.visits.product) return 'product';
  if (name === definition.time) return 'date';
  if (name === source.cut && definition.table === source.visits.table) return 'date';
  if (goalColumns(source, definition.table).has(name)) return 'label';
  if (kindOf(definition, column) !== undefined) return undefined;
  if (column.kind === 'time') return 'date';
  return column.kind === 'text' ? 'id-like text' : `type ${column.type}`;
}

function kindOf(definition: FeatureTable, column: CatalogueColumn): FeatureColumn['kind'] | undefined {
  if (definition.categories.includes(column.name)) return 'category';
  if (definition.numbers.includes(column.name)) return 'number';
  if (isMask(column)) return 'category';
  if (column.kind === 'integer' || column.kind === 'number') return 'number';
  return column.kind === 'category' ? 'category' : undefined;
}

/** Columns of the table that any goal of the source reads. */
function goalColumns(source: SourceDefinition, table: string): Set<string> {
  return new Set(
    Object.values(source.goals).flatMap((goal) =>
      'anyOf' in goal || goal.table !== table
        ? []
        : [
            goal.visit,
            goal.time,
            ...(goal.value ? [goal.value] : []),
            ...goal.filters.map((one) => one.column),
          ],
    ),
  );
}

function refusalsOf(
  source: SourceDefinition,
  tables: readonly ResolvedFeatureTable[],
): ResolvedFeatures['refusals'] {
  const field = `sources.${source.name}.features`;
  const columns = tables.flatMap((one) => one.columns);
  const seen = new Set<string>();
  const refusals: (Refusal & { code: string })[] = [];
  for (const { table, name } of columns) {
    const fault = columnNameFault(name);
    if (fault !== undefined)
      refusals.push({ code: 'unusable-feature-name', field, value: `${table}.${name}`, todo: fault });
    if (RESERVED.has(name.toLowerCase())) {
      const todo = 'exclude it or give the table a prefix: the dataset already has a column of that name';
      refusals.push({ code: 'reserved-feature-name', field, value: `${table}.${name}`, todo });
    }
    // Many readers of datasets and of files with a header ignore case and accents in names.
    if (seen.has(foldedName(name))) {
      const todo = 'exclude it or give the table a prefix: another table has a feature of that name';
      refusals.push({ code: 'duplicate-feature-name', field, value: `${table}.${name}`, todo });
    }
    seen.add(foldedName(name));
  }
  if (columns.length === 0) {
    const todo = 'declare columns that hold numbers or categories';
    refusals.push({ code: 'no-features', field, value: source.features.map((one) => one.table), todo });
  }
  return refusals;
}
