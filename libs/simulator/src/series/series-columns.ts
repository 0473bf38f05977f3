import { compareBytes, type Column } from '@factory/domain';
import type { SimulatedTable, SimulatedValue } from '../feature-tables';
import type { SeriesTable } from './series';

/** Collects the rows of feature tables as columns: an absent row is zeros or unknown, as its table declares. */
export class SeriesColumns {
  private readonly values = new Map<string, SimulatedValue[]>();
  private readonly hasRow: number[][];

  constructor(private readonly tables: readonly SimulatedTable[]) {
    this.hasRow = tables.map(() => []);
    for (const { columns } of tables) for (const { name } of columns) this.values.set(name, []);
  }

  /** @param rows one per table; null: absent */
  add(rows: readonly (readonly SimulatedValue[] | null)[]): void {
    this.tables.forEach(({ columns, missing }, at) => {
      const row = rows[at] ?? null;
      this.hasRow[at]?.push(row === null ? 0 : 1);
      columns.forEach(({ name }, column) =>
        this.values.get(name)?.push(row === null ? (missing === 'zero' ? 0 : null) : (row[column] ?? null)),
      );
    });
  }

  /** Replaces a value of the last row. */
  put(column: string, value: SimulatedValue): void {
    const values = this.values.get(column);
    if (values && values.length > 0) values[values.length - 1] = value;
  }

  read(): { features: Column[]; tables: SeriesTable[] } {
    return {
      features: [...this.values].map(([name, values]) =>
        this.isText(name) ? categoryColumn(name, values) : numberColumn(name, values),
      ),
      tables: this.tables.map(({ table, missing, columns }, at) => ({
        table,
        missing,
        columns: columns.map(({ name }) => name),
        hasRow: Uint8Array.from(this.hasRow[at] ?? []),
      })),
    };
  }

  private isText(name: string): boolean {
    const column = this.tables.flatMap(({ columns }) => columns).find((one) => one.name === name);
    return column?.sqlType.startsWith('VARCHAR') ?? false;
  }
}

function numberColumn(name: string, values: readonly SimulatedValue[]): Column {
  return {
    kind: 'number',
    name,
    values: Float32Array.from(values, (one) => (one === null ? NaN : Number(one))),
  };
}

/** @param values texts; null: unknown */
export function categoryColumn(name: string, values: readonly SimulatedValue[]): Column {
  const levels = [...new Set(values.filter((one) => one !== null).map(String))].sort(compareBytes);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  return {
    kind: 'category',
    name,
    codes: Int32Array.from(values, (one) => (one === null ? -1 : (codeOf.get(String(one)) ?? -1))),
    levels,
  };
}
