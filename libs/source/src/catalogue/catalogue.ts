import type { SourceDefinition } from '../declaration/sources-schema';
import type { ColumnRow, IndexRow } from '../queries/read-catalogue';

/** The kind of values in a column, as far as it matters to the factory. */
export type ColumnKind = 'integer' | 'number' | 'category' | 'time' | 'text' | 'other';

export interface CatalogueColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Without length and attributes, in lower case, such as `int`. */
  readonly dataType: string;
  /** As written in the table definition, such as `int(10) unsigned`. */
  readonly type: string;
  readonly charset: string | null;
  readonly collation: string | null;
}

const KINDS: ReadonlyMap<string, ColumnKind> = new Map([
  ...kinds('integer', 'tinyint', 'smallint', 'mediumint', 'int', 'bigint'),
  ...kinds('number', 'decimal', 'float', 'double', 'bit', 'year'),
  ...kinds('category', 'char', 'varchar', 'enum', 'set'),
  ...kinds('time', 'date', 'datetime', 'timestamp'),
  ...kinds('text', 'tinytext', 'text', 'mediumtext', 'longtext'),
]);

/** The database's catalogue of the tables that a source declares; names are case-sensitive here. */
export class Catalogue {
  private readonly columnsByTable = new Map<string, Map<string, CatalogueColumn>>();
  private readonly indexesByTable = new Map<string, Map<string, { unique: boolean; columns: string[] }>>();

  constructor(columns: readonly ColumnRow[], indexes: readonly IndexRow[]) {
    for (const [table, name, dataType, type, charset, collation] of columns) {
      const lowerType = dataType.toLowerCase();
      const kind = KINDS.get(lowerType) ?? 'other';
      const column = { name, kind, dataType: lowerType, type, charset, collation };
      entry(this.columnsByTable, table).set(name, column);
    }
    for (const [table, index, nonUnique, , column] of indexes) {
      const known = entry(this.indexesByTable, table);
      const found = known.get(index) ?? { unique: nonUnique === 0, columns: [] };
      found.columns.push(column);
      known.set(index, found);
    }
  }

  hasTable(table: string): boolean {
    return this.columnsByTable.has(table);
  }

  /** In the order of the table's definition; empty for an unknown table. */
  columns(table: string): readonly CatalogueColumn[] {
    return [...(this.columnsByTable.get(table)?.values() ?? [])];
  }

  column(table: string, name: string): CatalogueColumn | undefined {
    return this.columnsByTable.get(table)?.get(name);
  }

  /** Whether an index makes this column unique; a view has no indexes. */
  isUnique(table: string, column: string): boolean {
    return this.indexes(table).some(
      (one) => one.unique && one.columns.length === 1 && one.columns[0] === column,
    );
  }

  /** Whether an index begins with the column. */
  isIndexed(table: string, column: string): boolean {
    return this.indexes(table).some((one) => one.columns[0] === column);
  }

  private indexes(table: string): { unique: boolean; columns: string[] }[] {
    return [...(this.indexesByTable.get(table)?.values() ?? [])];
  }
}

/** All tables that the source names, without duplicates. */
export function tablesOf(source: SourceDefinition): string[] {
  return [
    ...new Set([
      source.products.table,
      source.visits.table,
      ...Object.values(source.goals).flatMap((goal) => ('table' in goal ? [goal.table] : [])),
      ...source.features.map((one) => one.table),
    ]),
  ];
}

function kinds(kind: ColumnKind, ...types: string[]): [string, ColumnKind][] {
  return types.map((type) => [type, kind]);
}

function entry<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>();
  map.set(key, found);
  return found;
}
