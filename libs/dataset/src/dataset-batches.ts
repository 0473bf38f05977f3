import type { Column, Dataset } from '@factory/domain';
import type { SizedSource } from '@factory/object-store';
import { DataType } from 'apache-arrow';
import { readArrowBatches } from './arrow-batches';
import {
  codesInPlace,
  float32InPlace,
  readFloat64,
  readLevels,
  readUint8,
  readUtc,
  take,
  textsInPlace,
  type ColumnReader,
} from './arrow-read';
import type { BatchColumns } from './batch-columns';
import {
  DATASET_COLUMNS,
  DATASET_FILE,
  HALF_WITHOUT_COLUMN,
  isHalves,
  marksOf,
  unknownColumnType,
} from './dataset-arrow';

/** The ids and times of a batch's visits. */
export interface BatchVisits {
  /** [rows] milliseconds since the epoch, UTC. */
  readonly visitTimes: Float64Array;
  /** Texts with their offsets; see `TextColumn.add`. */
  readonly visitIds: BatchTexts;
  readonly visitorIds: BatchTexts;
}

export interface BatchTexts {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** Consecutive rows of a dataset. */
export interface DatasetBatch extends Pick<Dataset, 'rows' | 'labels' | 'marks' | 'weights'> {
  /** Index into HALVES; `b` throughout in files from before there were halves. */
  readonly halves: Uint8Array;
  /** Number of feature columns of the dataset. */
  readonly featureCount: number;
  /** These columns in order, a few at a time; can be iterated once. */
  readonly features: Iterable<readonly Column[]>;
}

/** The same with the ids and times of its visits. */
export interface VisitBatch extends DatasetBatch {
  /** Must be called before iterating `features`, which overwrites them. */
  readonly visits: () => BatchVisits;
}

/** Feature columns in memory at a time: their values fill a cache line of a row of the resulting matrix. */
const COLUMNS_AT_A_TIME = 16;

/**
 * The same as `decodeDataset`, while the bytes of `dataset.arrow` arrive: batch by batch, and some feature
 * columns at a time. Arrays are in memory that the next ones overwrite: copy what has to be kept.
 *
 * @throws BadInputError `not-an-arrow-file`, `file-cut-off`, `missing-column` or `unknown-column-type`
 */
export function* readDatasetBatches(source: SizedSource): Generator<VisitBatch> {
  const levels = new Map<string, readonly string[]>();
  let own = ownColumns(0);
  for (const batch of readArrowBatches(source, DATASET_FILE)) {
    const hasHalves = batch.columns.some(isHalves);
    const count = DATASET_COLUMNS.length - (hasHalves ? 0 : 1);
    const read = new Map(batch.read(count).map((column) => [column.name, column]));
    const [visitId, visitorId, visitTime] = ['visit_id', 'visitor_id', 'visit_time'].map((name) =>
      take(read, name, DATASET_FILE),
    ) as [ColumnReader, ColumnReader, ColumnReader];
    if (own.labels.length < batch.rows) own = ownColumns(batch.rows);
    const marks = take(read, 'mark', DATASET_FILE);
    yield {
      rows: batch.rows,
      labels: readUint8(take(read, 'label', DATASET_FILE), own.labels),
      marks: marksOf(codesInPlace(marks), readLevels(marks), own.marks),
      weights: readFloat64(take(read, 'weight', DATASET_FILE), own.weights),
      halves: hasHalves
        ? readUint8(take(read, 'visitor_half', DATASET_FILE), own.halves)
        : own.halves.fill(HALF_WITHOUT_COLUMN).subarray(0, batch.rows),
      visits: () => ({
        visitTimes: readUtc(visitTime),
        visitIds: textsInPlace(visitId),
        visitorIds: textsInPlace(visitorId),
      }),
      featureCount: batch.left,
      features: featuresOf(batch, levels),
    };
  }
}

/** One memory for all batches of a file. */
function ownColumns(rows: number) {
  return {
    labels: new Uint8Array(rows),
    marks: new Uint8Array(rows),
    weights: new Float64Array(rows),
    halves: new Uint8Array(rows),
  };
}

function* featuresOf(batch: BatchColumns, levels: Map<string, readonly string[]>): Generator<Column[]> {
  while (batch.left > 0) yield batch.read(COLUMNS_AT_A_TIME).map((column) => featureOf(column, levels));
}

/** @param levels of the columns seen so far: a column's dictionary is the same in all batches */
function featureOf(column: ColumnReader, levels: Map<string, readonly string[]>): Column {
  const { name, type } = column;
  if (DataType.isFloat(type)) return { kind: 'number', name, values: float32InPlace(column) };
  if (!DataType.isDictionary(type)) throw unknownColumnType(column);
  const known = levels.get(name) ?? readLevels(column);
  levels.set(name, known);
  return { kind: 'category', name, codes: codesInPlace(column), levels: known };
}
