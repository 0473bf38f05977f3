import { type CategoryColumn, type Column, type NumberColumn, compareBytes } from '@factory/domain';

/** A column of numbers for specs; null = unknown. */
export function numbers(name: string, values: readonly (number | null)[]): NumberColumn {
  return { kind: 'number', name, values: Float32Array.from(values, (value) => value ?? NaN) };
}

/** A column of categories for specs; null = unknown. */
export function categories(name: string, values: readonly (string | null)[]): CategoryColumn {
  const levels = [...new Set(values.filter((value) => value !== null))].sort(compareBytes);
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : levels.indexOf(value)));
  return { kind: 'category', name, codes, levels };
}

/** The numbers of all rows. */
export function allRows(columns: readonly Column[]): Uint32Array {
  const first = columns[0];
  const length = first?.kind === 'number' ? first.values.length : (first?.codes.length ?? 0);
  return Uint32Array.from({ length }, (_, row) => row);
}
