import { BadInputError, type Column } from '@factory/domain';
import {
  type CodedMatrix,
  type FeatureWriter,
  categoryWriter,
  codeWriter,
  numberWriter,
  presenceWriter,
} from './feature-writers';
import { type MatrixLayout, denseLayout } from './matrix-layout';
import { prepare } from './prepared-transform';
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
  const layout = denseLayout(transform);
  const { width } = layout;
  const matrix = into ?? new Float32Array(rows.length * width);
  const unseen = applyLayout(transform, layout, columns, rows, {
    features: matrix,
    codes: new Uint16Array(0),
  });
  return { matrix, rows: rows.length, width, unseen };
}

/**
 * The same into a dense matrix and codes: with the codes written out as 0 and 1 it is `applyTransform`'s matrix,
 * bit for bit.
 *
 * @param into at least rows x columns long; overwritten
 * @returns values that training never saw, by column, as in `TransformedRows`
 * @throws BadInputError `matrix-too-small`
 */
export function applyLayout(
  transform: Transform,
  layout: MatrixLayout,
  columns: readonly Column[],
  rows: Uint32Array,
  into: CodedMatrix,
): Readonly<Record<string, number>> {
  const stride = layout.denseColumns.length;
  const groups = layout.groups.length;
  checkRoom(into.features.length, rows.length, stride);
  checkRoom(into.codes.length, rows.length, groups);
  into.features.fill(0, 0, rows.length * stride);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const groupOf = new Map(layout.groups.map(({ column }, group) => [column, group]));
  const denseOf = new Map(Array.from(layout.denseColumns, (output, at) => [output, at]));
  const unseen: Record<string, number> = {};
  const writers = prepare(transform).map((feature): FeatureWriter => {
    const column = byName.get(feature.column);
    const count = (found: number) => {
      if (found > 0) unseen[feature.column] = (unseen[feature.column] ?? 0) + found;
    };
    const group = groupOf.get(feature.column);
    if (feature.kind === 'category' && group !== undefined) {
      return codeWriter(feature, column, count, group, layout);
    }
    const moved = (denseOf.get(feature.at) ?? 0) - feature.at;
    if (feature.kind === 'number') return numberWriter(feature, column, count, moved);
    if (feature.kind === 'presence') return presenceWriter(feature, column, moved);
    return categoryWriter(feature, column, count, moved);
  });
  for (let start = 0; start < rows.length; start += BLOCK) {
    const block = { rows: rows.subarray(start, start + BLOCK), start, stride, groups };
    for (const write of writers) write(into, block);
  }
  return unseen;
}

function checkRoom(length: number, rows: number, columns: number): void {
  if (length >= rows * columns) return;
  throw new BadInputError('matrix-too-small', {
    field: 'into.length',
    value: length,
    todo: `give room for ${rows} rows of ${columns} values`,
  });
}
