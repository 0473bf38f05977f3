import {
  BadInputError,
  HALVES,
  MARKS,
  compareBytes,
  type Column,
  type Dataset,
  type Mark,
} from '@factory/domain';
import { DataType } from 'apache-arrow';
import {
  readArrowFile,
  readCategory,
  readFloat32,
  readFloat64,
  readUint8,
  readUtc,
  readUtf8,
  take,
  type ColumnReader,
} from './arrow-read';
import {
  arrowFileChunks,
  categoryColumn,
  float32Column,
  float64Column,
  joinChunks,
  uint8Column,
  utcColumn,
  utf8Column,
  type ColumnWriter,
  type Texts,
} from './arrow-write';

export const DATASET_FILE = 'dataset.arrow';

/** Columns of `dataset.arrow` that are not features; a feature may not have one of these names. */
export const DATASET_COLUMNS = [
  'visit_id',
  'visitor_id',
  'visit_time',
  'label',
  'mark',
  'weight',
  'visitor_half',
] as const;

const HALVES_COLUMN = 'visitor_half' satisfies (typeof DATASET_COLUMNS)[number];
/** The half of all visitors of a file of version 1, which says nothing of halves. */
export const HALF_WITHOUT_COLUMN = HALVES.indexOf('b');

/** As small numbers halves are no feature: here, and to a reader of version 1, which refuses such a column. */
export function isHalves({ name, type }: Pick<ColumnReader, 'name' | 'type'>): boolean {
  return name === HALVES_COLUMN && DataType.isInt(type);
}

/** Content type of every Arrow IPC file. */
export const ARROW_CONTENT_TYPE = 'application/vnd.apache.arrow.file';

/**
 * `dataset.arrow` (rules R3): an Arrow IPC file that pandas, polars and DuckDB read. The same dataset gives the
 * same bytes, so its sha256 identifies its content. Rows are written in the given order (by visit id).
 * With halves the file is of version 2, without them of version 1.
 *
 * @throws BadInputError `reserved-column` when a feature has the name of one of `DATASET_COLUMNS`
 * @throws FactoryError `unsorted-levels` when a category's levels are not sorted by bytes
 */
export function encodeDataset(dataset: WritableDataset): Uint8Array {
  return joinChunks(datasetChunks(dataset));
}

/** A dataset whose ids may already be bytes. */
export type WritableDataset = Omit<Dataset, 'visitIds' | 'visitorIds'> & {
  readonly visitIds: Texts;
  readonly visitorIds: Texts;
};

/** The bytes of `encodeDataset`, created on demand; use each chunk before requesting the next. */
export function datasetChunks(dataset: WritableDataset): Generator<Uint8Array> {
  const columns: ColumnWriter[] = [
    utf8Column('visit_id', dataset.visitIds),
    utf8Column('visitor_id', dataset.visitorIds),
    utcColumn('visit_time', dataset.visitTimes),
    uint8Column('label', dataset.labels),
    markColumn(0, 'mark', dataset.marks),
    float64Column('weight', dataset.weights),
    ...(dataset.halves ? [uint8Column(HALVES_COLUMN, dataset.halves)] : []),
    ...dataset.features.map((feature, at) => featureColumn(at + 1, feature)),
  ];
  return arrowFileChunks(columns, dataset.rows, {
    format: 'propensity-dataset',
    version: dataset.halves ? '2' : '1',
  });
}

/**
 * Reads what `encodeDataset` wrote. Every column that is not one of `DATASET_COLUMNS` is a feature.
 *
 * @throws BadInputError `not-an-arrow-file`, `missing-column` or `unknown-column-type`
 */
export function decodeDataset(bytes: Uint8Array): Dataset {
  const columns = readArrowFile(bytes, DATASET_FILE);
  const visitIds = readUtf8(take(columns, 'visit_id', DATASET_FILE));
  const halves = [...columns.values()].find(isHalves);
  if (halves) columns.delete(halves.name);
  return {
    rows: visitIds.length,
    visitIds,
    visitorIds: readUtf8(take(columns, 'visitor_id', DATASET_FILE)),
    visitTimes: readUtc(take(columns, 'visit_time', DATASET_FILE)),
    labels: readUint8(take(columns, 'label', DATASET_FILE)),
    marks: readMarks(take(columns, 'mark', DATASET_FILE)),
    weights: readFloat64(take(columns, 'weight', DATASET_FILE)),
    ...(halves ? { halves: readUint8(halves) } : {}),
    features: [...columns.values()].map(featureOf),
  };
}

/** Minimum bytes of a row without features: time, label, mark, weight and the offsets of its two ids. */
const LEAST_ROW_BYTES = 8 + 1 + 4 + 8 + 2 * 4;
const FEATURE_BYTES = 4;

/** Upper bound of the number of rows in a `dataset.arrow` of this size with this many feature columns. */
export function mostDatasetRows(bytes: number, features: number): number {
  return Math.floor(bytes / (LEAST_ROW_BYTES + features * FEATURE_BYTES));
}

/** Marks as a dictionary column: its levels are sorted by bytes, so codes are not the indices into MARKS. */
export function markColumn(id: number, name: string, marks: Uint8Array): ColumnWriter {
  const levels = [...MARKS].sort(compareBytes);
  const codeOf = MARKS.map((mark) => levels.indexOf(mark));
  const codes = Int32Array.from(marks, (mark) => codeOf[mark] ?? -1);
  return categoryColumn(id, name, codes, levels, false);
}

/** Indices into MARKS. @throws BadInputError `unknown-mark` */
export function readMarks(column: ColumnReader): Uint8Array {
  const { codes, levels } = readCategory(column);
  return marksOf(codes, levels, new Uint8Array(codes.length));
}

/** `readMarks` for codes that were read already. @param marks as long as `codes` or longer */
export function marksOf(codes: Int32Array, levels: readonly string[], marks: Uint8Array): Uint8Array {
  const markOfCode = levels.map((level) => MARKS.indexOf(level as Mark));
  for (let row = 0; row < codes.length; row++) {
    const mark = markOfCode[codes[row] ?? -1] ?? -1;
    if (mark < 0) {
      throw new BadInputError('unknown-mark', {
        field: `mark of row ${row}`,
        value: levels[codes[row] ?? -1] ?? null,
        todo: `write one of ${MARKS.join(', ')}`,
      });
    }
    marks[row] = mark;
  }
  return marks.subarray(0, codes.length);
}

function featureColumn(id: number, feature: Column): ColumnWriter {
  if (DATASET_COLUMNS.some((name) => name === feature.name)) {
    throw new BadInputError('reserved-column', {
      field: 'feature',
      value: feature.name,
      todo: `exclude the column or give it another name: ${DATASET_COLUMNS.join(', ')} are reserved`,
    });
  }
  return feature.kind === 'number'
    ? float32Column(feature.name, feature.values)
    : categoryColumn(id, feature.name, feature.codes, feature.levels);
}

function featureOf(column: ColumnReader): Column {
  const { name, type } = column;
  if (DataType.isFloat(type)) return { kind: 'number', name, values: readFloat32(column) };
  if (DataType.isDictionary(type)) return { kind: 'category', name, ...readCategory(column) };
  throw unknownColumnType(column);
}

/** The error for a feature column that is neither numbers nor categories. */
export function unknownColumnType({ name, type }: Pick<ColumnReader, 'name' | 'type'>): BadInputError {
  return new BadInputError('unknown-column-type', {
    field: name,
    value: String(type),
    todo: 'write numbers as float32 and categories as dictionary<int32, utf8>',
  });
}
