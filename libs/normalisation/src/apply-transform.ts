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
import { type PreparedFeature, prepare } from './prepared-transform';
import type { Transform } from './transform';

/** The network's inputs for some rows. */
export interface TransformedRows {
  /** [rows, width], row-major. */
  readonly matrix: Float32Array;
  readonly rows: number;
  readonly width: number;
  /**
   * Number of values that training never saw (or numbers that cannot be read), by column; columns without any
   * are absent.
   */
  readonly unseen: Readonly<Record<string, number>>;
}

/** Rows that are written together, so that they stay in the processor's cache. */
const BLOCK = 1024;

/**
 * Converts raw columns into the network's inputs. Computed in float64 from float32 values, and finally rounded
 * to float32.
 *
 * @param columns the dataset's columns in any order; a column that the dataset lacks counts as unknown
 * @param rows row numbers into the columns
 * @param into where to write, at least rows x width long (may be shared memory); new memory if absent
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
 * The same into a dense matrix and codes: with the codes expanded to 0 and 1 it is `applyTransform`'s matrix,
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
  const writer = new LayoutWriter(transform, layout, rows, into);
  writer.add(columns);
  return writer.end();
}

/** `applyLayout` for rows whose columns arrive a few at a time; each is read when it is added, and not kept. */
export class LayoutWriter {
  private readonly waiting: Map<string, PreparedFeature>;
  private readonly groupOf: ReadonlyMap<string, number>;
  private readonly denseOf: ReadonlyMap<number, number>;
  private readonly unseen = new Map<string, number>();

  /** @throws BadInputError `matrix-too-small` */
  constructor(
    transform: Transform,
    private readonly layout: MatrixLayout,
    private readonly rows: Uint32Array,
    private readonly into: CodedMatrix,
  ) {
    const stride = layout.denseColumns.length;
    checkRoom(into.features.length, rows.length, stride);
    checkRoom(into.codes.length, rows.length, layout.groups.length);
    into.features.fill(0, 0, rows.length * stride);
    this.waiting = new Map(prepare(transform).map((feature) => [feature.column, feature]));
    this.groupOf = new Map(layout.groups.map(({ column }, group) => [column, group]));
    this.denseOf = new Map(Array.from(layout.denseColumns, (output, at) => [output, at]));
  }

  /** Columns without a feature in the transform are ignored. */
  add(columns: readonly Column[]): void {
    this.write(
      columns.flatMap((column) => {
        const feature = this.waiting.get(column.name);
        this.waiting.delete(column.name);
        return feature ? [this.writerOf(feature, column)] : [];
      }),
    );
  }

  /** Treats columns that were not added as unknown. @returns values that training never saw, by column */
  end(): Readonly<Record<string, number>> {
    this.write(Array.from(this.waiting.values(), (feature) => this.writerOf(feature, undefined)));
    this.waiting.clear();
    return Object.fromEntries(this.unseen);
  }

  private write(writers: readonly FeatureWriter[]): void {
    const stride = this.layout.denseColumns.length;
    const groups = this.layout.groups.length;
    for (let start = 0; start < this.rows.length; start += BLOCK) {
      const block = { rows: this.rows.subarray(start, start + BLOCK), start, stride, groups };
      for (const write of writers) write(this.into, block);
    }
  }

  private writerOf(feature: PreparedFeature, column: Column | undefined): FeatureWriter {
    const count = (found: number) => {
      if (found > 0) this.unseen.set(feature.column, (this.unseen.get(feature.column) ?? 0) + found);
    };
    const group = this.groupOf.get(feature.column);
    if (feature.kind === 'category' && group !== undefined) {
      return codeWriter(feature, column, count, group, this.layout);
    }
    const moved = (this.denseOf.get(feature.at) ?? 0) - feature.at;
    if (feature.kind === 'number') return numberWriter(feature, column, count, moved);
    if (feature.kind === 'presence') return presenceWriter(feature, column, moved);
    return categoryWriter(feature, column, count, moved);
  }
}

function checkRoom(length: number, rows: number, columns: number): void {
  if (length >= rows * columns) return;
  throw new BadInputError('matrix-too-small', {
    field: 'into.length',
    value: length,
    todo: `give space for ${rows} rows of ${columns} values`,
  });
}
