import { asDate, type Row } from './transaction';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a row for a listing. Columns that cannot be read (edited by hand, or an incomplete restore) are named
 * in `unreadable`, and the row is listed nevertheless: one corrupt row must not hide the others.
 */
export class ListedRow {
  private readonly faults: string[] = [];

  constructor(private readonly row: Row) {}

  /** Columns read so far that were unreadable. */
  get unreadable(): readonly string[] {
    return this.faults;
  }

  text(column: string): string {
    const value = this.row[column];
    return typeof value === 'string' ? value : value == null ? '' : String(value);
  }

  textOrNull(column: string): string | null {
    return this.row[column] == null ? null : this.text(column);
  }

  number(column: string): number {
    const value = Number(this.row[column]);
    if (Number.isFinite(value)) return value;
    return this.fault(column, 0);
  }

  numberOrNull(column: string): number | null {
    return this.row[column] == null ? null : this.number(column);
  }

  /** The epoch if the date is unreadable: dates of a listing are compared and printed. */
  date(column: string): Date {
    return this.dateOrNull(column) ?? this.fault(column, new Date(0));
  }

  dateOrNull(column: string): Date | null {
    const date = asDate(this.row[column]);
    return date && Number.isNaN(date.getTime()) ? this.fault(column, null) : date;
  }

  /** A JSON object; null where the column is null, empty where it is unreadable. */
  object(column: string): Json | null {
    const text = this.row[column];
    if (text == null) return null;
    try {
      const value: unknown = JSON.parse(String(text));
      if (value === null) return null;
      if (typeof value === 'object' && !Array.isArray(value)) return value as Json;
    } catch {
      // Recorded below.
    }
    return this.fault(column, {});
  }

  private fault<T>(column: string, instead: T): T {
    if (!this.faults.includes(column)) this.faults.push(column);
    return instead;
  }
}
