import { BadInputError, type Column } from '@factory/domain';
import {
  NOWHERE,
  type PreparedCategory,
  type PreparedNumber,
  type PreparedPresence,
  UNSEEN,
  float32Of,
  levelOf,
  prepare,
  scaled,
  targetOf,
} from './prepared-transform';
import type { Transform } from './transform';

/** The network's inputs for some rows. */
export interface TransformedRows {
  /** [rows, width], row-major. */
  readonly matrix: Float32Array;
  readonly rows: number;
  readonly width: number;
  /** Values that training never saw (or numbers that cannot be read), by column; columns without any are absent. */
  readonly unseen: Readonly<Record<string, number>>;
}

/** Rows that are written together, so that what is written stays in the processor's cache. */
const BLOCK = 1024;

/**
 * Turns raw columns into the network's inputs. Computed in float64 from float32 values, rounded to float32 last.
 *
 * @param columns the dataset's columns in any order; a column that the dataset lacks counts as unknown
 * @param rows row numbers into the columns
 * @param into where to write, at least rows x width long (it may lie on shared memory); new memory if absent
 * @throws BadInputError `matrix-too-small`
 */
export function applyTransform(
  transform: Transform,
  columns: readonly Column[],
  rows: Uint32Array,
  into?: Float32Array,
): TransformedRows {
  const width = transform.outputs.length;
  const matrix = into ?? new Float32Array(rows.length * width);
  if (matrix.length < rows.length * width) {
    throw new BadInputError('matrix-too-small', {
      field: 'into.length',
      value: matrix.length,
      todo: `give room for ${rows.length} rows of ${width} values`,
    });
  }
  matrix.fill(0, 0, rows.length * width);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const unseen: Record<string, number> = {};
  const writers = prepare(transform).map((feature): Writer => {
    const column = byName.get(feature.column);
    const count = (found: number) => {
      if (found > 0) unseen[feature.column] = (unseen[feature.column] ?? 0) + found;
    };
    if (feature.kind === 'number') return numberWriter(feature, column, count);
    if (feature.kind === 'presence') return presenceWriter(feature, column);
    return categoryWriter(feature, column, count);
  });
  for (let start = 0; start < rows.length; start += BLOCK) {
    const block = rows.subarray(start, start + BLOCK);
    for (const write of writers) write(matrix, start * width, block, width);
  }
  return { matrix, rows: rows.length, width, unseen };
}

/** Writes one feature of a block of rows; row i of the block starts at `base + i * width`. */
type Writer = (matrix: Float32Array, base: number, block: Uint32Array, width: number) => void;
type Count = (found: number) => void;

function numberWriter(feature: PreparedNumber, column: Column | undefined, count: Count): Writer {
  const values =
    column?.kind === 'category' ? readLevels(column, count) : (row: number) => column?.values[row];
  const { at, missingAt } = feature;
  return (matrix, base, block, width) => {
    let start = base;
    for (const row of block) {
      const value = values(row) ?? NaN;
      matrix[start + at] = scaled(feature, value);
      if (missingAt !== NOWHERE && !Number.isFinite(value)) matrix[start + missingAt] = 1;
      start += width;
    }
  };
}

/** Numbers out of a column that has become text since the transform was fitted. */
function readLevels(
  column: Extract<Column, { kind: 'category' }>,
  count: Count,
): (row: number) => number | undefined {
  const numbers = column.levels.map(float32Of);
  const unreadable = column.levels.map((level) => level.trim() !== '' && Number.isNaN(Number(level)));
  return (row) => {
    const code = column.codes[row] ?? -1;
    if (unreadable[code]) count(1);
    return numbers[code];
  };
}

function presenceWriter(feature: PreparedPresence, column: Column | undefined): Writer {
  const isKnown = presenceOf(feature, column);
  return (matrix, base, block, width) => {
    let start = base + feature.at;
    for (const row of block) {
      if (!isKnown(row)) matrix[start] = 1;
      start += width;
    }
  };
}

function presenceOf(feature: PreparedPresence, column: Column | undefined): (row: number) => boolean {
  if (!column) return () => false;
  if (column.kind === 'number') return (row) => Number.isFinite(column.values[row]);
  const known = column.levels.map(
    (level) => typeof feature.known === 'string' || Number.isFinite(float32Of(level)),
  );
  return (row) => known[column.codes[row] ?? -1] ?? false;
}

function categoryWriter(feature: PreparedCategory, column: Column | undefined, count: Count): Writer {
  const target = targetReader(feature, column);
  return (matrix, base, block, width) => {
    let start = base;
    let unseen = 0;
    for (const row of block) {
      const at = target(row);
      if (at >= 0) matrix[start + at] = 1;
      else if (at === UNSEEN) unseen++;
      start += width;
    }
    count(unseen);
  };
}

function targetReader(feature: PreparedCategory, column: Column | undefined): (row: number) => number {
  const { missingAt } = feature;
  if (!column) return () => missingAt;
  if (column.kind === 'number') {
    return (row) => {
      const value = column.values[row] ?? NaN;
      return Number.isFinite(value) ? targetOf(feature, levelOf(value)) : missingAt;
    };
  }
  const byCode = Int32Array.from(column.levels, (level) => targetOf(feature, level));
  return (row) => byCode[column.codes[row] ?? -1] ?? missingAt;
}
