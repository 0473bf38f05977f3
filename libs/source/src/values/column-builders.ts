import {
  compareBytes,
  FactoryError,
  type CategoryColumn,
  type Column,
  type NumberColumn,
} from '@factory/domain';
import { setImmediate as immediate } from 'node:timers/promises';
import { checkLevels, checkRows, type SourceLimits } from '../access/source-limits';
import { numberOfText } from '../catalogue/column-uses';
import type { FeatureColumn, ResolvedFeatureTable } from '../catalogue/feature-columns';
import type { FeatureRow } from '../queries/read-features';
import type { UnreadableValues } from './unreadable-values';

/** The largest number that a dataset can store. */
const FLOAT32_MAX = 3.4028234663852886e38;

interface ColumnBuilder {
  /**
   * Takes the value of one row or event; null = unknown. @returns false if it cannot be read: it becomes
   * unknown
   */
  add(position: number, value: unknown): boolean;
  /** The column, with absent rows filled in. */
  build(seen: Uint8Array): Column;
}

/**
 * Collects the rows of one feature table in typed arrays as they arrive: 4 bytes per value (8 while events are
 * summed), and each distinct category once. Absent rows are filled according to the table's `missing`.
 */
export class FeatureTableBuilder {
  private readonly seen: Uint8Array;
  private readonly builders: ColumnBuilder[] = [];
  private rowsRead = 0;

  private constructor(
    private readonly table: ResolvedFeatureTable,
    rows: number,
    private readonly unreadable: Pick<UnreadableValues, 'note'>,
    private readonly limits: SourceLimits,
  ) {
    this.seen = new Uint8Array(rows);
  }

  /**
   * Allocates the memory column by column: for a hundred columns with a million rows this takes a second, and
   * heartbeats run in between.
   *
   * @param rows of the dataset
   * @param unreadable records values that cannot be read; they become unknown
   */
  static async open(
    table: ResolvedFeatureTable,
    rows: number,
    unreadable: Pick<UnreadableValues, 'note'>,
    limits: SourceLimits,
  ): Promise<FeatureTableBuilder> {
    const opened = new FeatureTableBuilder(table, rows, unreadable, limits);
    for (const column of table.columns) {
      opened.builders.push(builderOf(column, table, rows, limits));
      await immediate();
    }
    return opened;
  }

  /**
   * @throws FactoryError `key-not-unique` when a visit has a second row in a table without event time
   * @throws BadInputError `too-many-feature-rows`, `too-many-levels`
   */
  add(row: FeatureRow): void {
    checkRows(this.table.definition.table, ++this.rowsRead, this.limits);
    const [position] = row;
    const { definition, columns } = this.table;
    const unreadableTime = row[columns.length + 2];
    if (definition.time === undefined) {
      if (this.seen[position] === 1) throw this.secondRow();
    } else if (unreadableTime !== null) {
      this.unreadable.note(`${definition.table}.${definition.time}`, unreadableTime);
      return;
    }
    this.seen[position] = 1;
    for (let at = 0; at < this.builders.length; at++) {
      const value = row[at + 2];
      if (this.builders[at]?.add(position, value) === false)
        this.unreadable.note(`${definition.table}.${columns[at]?.column}`, value);
    }
  }

  /** The columns one by one: each has its own memory, so there is never a second copy of all. */
  *columns(): Generator<Column> {
    for (const { column } of this.table.columns) {
      const built = this.builders.shift()?.build(this.seen);
      if (!built) return;
      if (built.kind === 'number') this.noteSums(built.values, column);
      yield built;
    }
  }

  /** Sums of events can exceed the largest number of a dataset although none of the events does. */
  private noteSums(values: Float32Array, column: string): void {
    const { table, time } = this.table.definition;
    if (time === undefined) return;
    for (let row = 0; row < values.length; row++) {
      const value = values[row] ?? NaN;
      if (value !== Infinity && value !== -Infinity) continue;
      this.unreadable.note(`${table}.${column}`, value);
      values[row] = NaN;
    }
  }

  private secondRow(): FactoryError {
    const { table, key } = this.table.definition;
    return new FactoryError(
      'key-not-unique',
      `${table}.${key}: a visit has more than one row; aggregate the table to one row per visit, or name the event time`,
      false,
    );
  }
}

function builderOf(
  column: FeatureColumn,
  { definition }: ResolvedFeatureTable,
  rows: number,
  limits: SourceLimits,
): ColumnBuilder {
  if (column.kind === 'category') return new CategoryBuilder(column, rows, limits);
  const absent = definition.missing === 'zero' ? 0 : NaN;
  return definition.time === undefined
    ? new NumberBuilder(column.name, new Float32Array(rows).fill(NaN), absent)
    : new NumberBuilder(column.name, new Float64Array(rows).fill(NaN), absent);
}

/** The number of a row, or the sum over several events. */
class NumberBuilder implements ColumnBuilder {
  constructor(
    private readonly name: string,
    private readonly values: Float32Array | Float64Array,
    private readonly absent: number,
  ) {}

  add(position: number, held: unknown): boolean {
    const value = typeof held === 'string' ? numberOfText(held) : held;
    if (value === null) return true;
    if (typeof value !== 'number' || !(value <= FLOAT32_MAX && value >= -FLOAT32_MAX)) return false;
    const before = this.values[position] ?? NaN;
    this.values[position] = Number.isNaN(before) ? value : before + value;
    return true;
  }

  build(seen: Uint8Array): NumberColumn {
    const values = this.values instanceof Float32Array ? this.values : Float32Array.from(this.values);
    for (let row = 0; row < values.length; row++) if (seen[row] === 0) values[row] = this.absent;
    return { kind: 'number', name: this.name, values };
  }
}

/** The category of a row, or the last known one of several events; an absent row's is unknown. */
class CategoryBuilder implements ColumnBuilder {
  private readonly codes: Int32Array;
  private readonly codeOf = new Map<string, number>();
  private characters = 0;

  constructor(
    private readonly column: FeatureColumn,
    rows: number,
    private readonly limits: SourceLimits,
  ) {
    this.codes = new Int32Array(rows).fill(-1);
  }

  add(position: number, value: unknown): boolean {
    if (value === null) return true;
    if (typeof value !== 'string' || value.length > this.limits.valueCharacters) return false;
    let code = this.codeOf.get(value);
    if (code === undefined) {
      code = this.codeOf.size;
      this.codeOf.set(value, code);
      this.characters += value.length;
      const { table, column } = this.column;
      checkLevels(`${table}.${column}`, this.codeOf.size, this.characters, this.limits);
    }
    this.codes[position] = code;
    return true;
  }

  /** The levels are those of existing rows, sorted by bytes. */
  build(): CategoryColumn {
    const held = new Set(this.codes);
    const levels = [...this.codeOf].filter(([, code]) => held.has(code)).map(([level]) => level);
    levels.sort(compareBytes);
    const sorted = new Int32Array(this.codeOf.size);
    levels.forEach((level, rank) => (sorted[this.codeOf.get(level) ?? 0] = rank));
    const { codes } = this;
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row] ?? -1;
      if (code >= 0) codes[row] = sorted[code] ?? -1;
    }
    return { kind: 'category', name: this.column.name, codes, levels };
  }
}
