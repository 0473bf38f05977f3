import type { Column, Dataset } from '@factory/domain';
import { passesOf, type Passes } from './profile-batch';

const DAY_MS = 86_400_000;
export const SPEC_START = Date.UTC(2024, 0, 1);

/** A dataset of the given columns: rows are hours apart, each of a visitor of its own, where nothing else is said. */
export function specDataset(features: readonly Column[], more: Partial<Dataset> = {}): Dataset {
  const [first] = features;
  const rows = first?.kind === 'number' ? first.values.length : (first?.codes.length ?? 0);
  return {
    rows,
    features,
    visitIds: Array.from({ length: rows }, (_, row) => `${row}`),
    visitorIds: Array.from({ length: rows }, (_, row) => `visitor-${row}`),
    visitTimes: Float64Array.from({ length: rows }, (_, row) => SPEC_START + (row * DAY_MS) / 24),
    labels: new Uint8Array(rows),
    marks: new Uint8Array(rows),
    weights: new Float64Array(rows).fill(1),
    ...more,
  };
}

export function numbers(name: string, values: readonly number[]): Column {
  return { kind: 'number', name, values: Float32Array.from(values) };
}

/** @param texts null: unknown */
export function texts(name: string, values: readonly (string | null)[]): Column {
  const levels = [...new Set(values.filter((one) => one !== null))].sort();
  return {
    kind: 'category',
    name,
    levels,
    codes: Int32Array.from(values, (one) => levels.indexOf(one ?? '')),
  };
}

/** The same rows in batches of some rows, features a column at a time. */
export function inBatches(dataset: Dataset, size: number): Passes {
  const slice = <T extends { slice(from: number, to: number): T }>(values: T, from: number): T =>
    values.slice(from, from + size);
  return function* () {
    for (let from = 0; from < dataset.rows; from += size) {
      const to = Math.min(dataset.rows, from + size);
      yield* passesOf({
        rows: to - from,
        features: dataset.features.map((column) =>
          column.kind === 'number'
            ? { ...column, values: slice(column.values, from) }
            : { ...column, codes: slice(column.codes, from) },
        ),
        visitIds: dataset.visitIds.slice(from, to),
        visitorIds: dataset.visitorIds.slice(from, to),
        visitTimes: slice(dataset.visitTimes, from),
        labels: slice(dataset.labels, from),
        marks: slice(dataset.marks, from),
        weights: slice(dataset.weights, from),
      })();
    }
  };
}
