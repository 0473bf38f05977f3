import { BadInputError } from '@factory/domain';

/** What a cell says when nobody knows: it is stored as null. */
const UNKNOWN = new Set(['', '?', 'na', 'n/a', 'nan', 'null']);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

export function isUnknown(cell: string): boolean {
  return cell.length <= 4 && UNKNOWN.has(cell.trim().toLowerCase());
}

export type ColumnKind = 'number' | 'category';

/** A feature column as the whole file shows it. */
export interface FeatureColumn {
  readonly name: string;
  /** Place in the header. */
  readonly place: number;
  readonly kind: ColumnKind;
  /** Characters of the longest value. */
  readonly longest: number;
}

/** Watches the cells of one column: numbers, unless one cell is none. */
export class KindFinder {
  private longest = 0;
  private isNumeric = true;
  private known = 0;

  /** @param declared said by the user: overrides what the cells look like */
  constructor(
    private readonly name: string,
    private readonly place: number,
    private readonly declared: ColumnKind | undefined,
  ) {}

  /** @throws BadInputError `not-a-number` where the column was declared as numbers */
  look(values: readonly string[], row: number): void {
    const cell = values[this.place] ?? '';
    if (isUnknown(cell)) return;
    this.known++;
    if (cell.length > this.longest) this.longest = cell.length;
    if (!this.isNumeric || (NUMBER.test(cell.trim()) && Number.isFinite(Math.fround(Number(cell))))) return;
    this.isNumeric = false;
    if (this.declared === 'number') {
      const todo = 'correct the value, or do not declare the column as numbers';
      throw new BadInputError('not-a-number', { field: `${this.name}, row ${row}`, value: cell, todo });
    }
  }

  get column(): FeatureColumn {
    const looksLike: ColumnKind = this.isNumeric && this.known > 0 ? 'number' : 'category';
    return { name: this.name, place: this.place, kind: this.declared ?? looksLike, longest: this.longest };
  }
}

/** What is stored for a cell: a number, a text, or null for unknown. */
export function storedValue(cell: string, kind: ColumnKind): number | string | null {
  if (isUnknown(cell)) return null;
  return kind === 'number' ? Number(cell) : cell;
}
