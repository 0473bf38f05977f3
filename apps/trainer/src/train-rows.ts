import type { ArtefactRef } from '@factory/contracts';
import { mostDatasetRows, type DatasetBatch } from '@factory/dataset';
import { MARK_LIMITS, rowsOf, type Column } from '@factory/domain';
import { checkDatasetMemory } from './matrix-size';
import { timesOf, trialRowCount, type TimedBatch } from './trial-data';

/** Rows of one mark. */
export interface KeptRows {
  /** All feature columns, raw, of these rows alone. */
  readonly columns: readonly Column[];
  /** [rows] 1 = goal reached. */
  readonly labels: Uint8Array;
  readonly rows: number;
}

/** The part of a dataset that a transform may be fitted on. */
export interface TrainRows extends KeptRows {
  /** Validation rows, or a part of them: what a model of the train rows is asked about. */
  readonly validation: KeptRows;
  /** Train, validation and test rows of the dataset. */
  readonly trialRows: number;
  /** The same for each start of a shorter window, in the order given. */
  readonly shorterRows: readonly number[];
}

/** Most validation rows that are kept; of more, every second, third and so on. */
const MOST_VALIDATION_ROWS = 50_000;
const VALIDATION_SHARE = MARK_LIMITS.validation - MARK_LIMITS.test;

/** A column under construction. */
interface Kept {
  /** Name, kind and levels; without the values of its batch. */
  readonly like: Column;
  readonly values: Float32Array | Int32Array;
}

/** Bytes per row for its label, its number, and for processing one column after another (`fitTransform`). */
const SCRATCH_BYTES =
  Uint8Array.BYTES_PER_ELEMENT +
  Uint32Array.BYTES_PER_ELEMENT +
  Float32Array.BYTES_PER_ELEMENT +
  Float64Array.BYTES_PER_ELEMENT;

/** Bytes per train row while a transform is fitted; the text of categories is additional. */
export function trainRowBytes(features: number): number {
  return features * Float32Array.BYTES_PER_ELEMENT + SCRATCH_BYTES;
}

/**
 * Upper bound for the bytes that fitting a transform needs, known before a byte of the dataset is read: the number of
 * train rows is not known yet, but each row takes less memory than its part of the file. If the file is larger than
 * the limit, the bound is the limit: the rows kept may still fit, and `collectTrainRows` refuses those that do not.
 */
export function fitBytes({ bytes }: Pick<ArtefactRef, 'bytes'>, maxBytes: number): number {
  return Math.min(bytes, maxBytes);
}

/**
 * Collects the train rows of a dataset, and validation rows, in order, from batches that are valid only until the next one.
 *
 * @param bytes of the whole dataset: an upper bound for its rows before they are counted. Memory beyond the actual rows is reserved but never touched.
 * @param maxBytes limit for the rows kept
 * @param startsMs starts of shorter windows whose rows are counted too, in milliseconds
 * @throws BadInputError `dataset-too-large`, before they exceed it
 */
export function collectTrainRows(
  batches: Iterable<TimedBatch>,
  {
    bytes,
    maxBytes,
    startsMs = [],
  }: { readonly bytes: number; readonly maxBytes: number; readonly startsMs?: readonly number[] },
): TrainRows {
  const [train, validation] = [new RowKeeper(), new RowKeeper()];
  let [seen, trialRows] = [0, 0];
  let shorterRows = startsMs.map(() => 0);
  for (const batch of batches) {
    const rowBytes = trainRowBytes(batch.featureCount);
    const rowsOfFile = mostDatasetRows(bytes, batch.featureCount);
    const most = Math.min(rowsOfFile, Math.floor(maxBytes / rowBytes));
    const step = Math.ceil((rowsOfFile * VALIDATION_SHARE) / MOST_VALIDATION_ROWS) || 1;
    const marked = rowsOf(batch, 'train');
    const validated = rowsOf(batch, 'validation');
    const asked = validated.filter((_, at) => (seen + at) % step === 0);
    const kept = train.rows + validation.rows + marked.length + asked.length;
    checkDatasetMemory('fit', kept * rowBytes, maxBytes);
    const timed = { rows: batch.rows, marks: batch.marks, ...timesOf(batch, startsMs[0]) };
    shorterRows = startsMs.map((start, at) => (shorterRows[at] ?? 0) + trialRowCount(timed, start));
    const mostAsked = Math.min(most, Math.ceil(rowsOfFile / step));
    const takers = [train.taker(batch, marked, most), validation.taker(batch, asked, mostAsked)];
    let index = 0;
    for (const columns of batch.features) {
      for (const column of columns) {
        for (const take of takers) take(column, index);
        index++;
      }
    }
    seen += validated.length;
    trialRows += trialRowCount(batch);
  }
  return { ...train.kept(), validation: validation.kept(), trialRows, shorterRows };
}

/** Keeps rows of one mark, batch after batch. */
class RowKeeper {
  rows = 0;
  private labels = new Uint8Array(0);
  private readonly columns: Kept[] = [];

  /**
   * Keeps the labels of some rows of a batch.
   *
   * @param most rows to make room for, the first time
   * @returns keeps the values of each of the batch's columns
   */
  taker({ labels }: DatasetBatch, rows: Uint32Array, most: number): (column: Column, index: number) => void {
    const to = this.rows;
    if (this.labels.length === 0) this.labels = new Uint8Array(most);
    for (let k = 0; k < rows.length; k++) this.labels[to + k] = labels[rows[k] ?? 0] ?? 0;
    this.rows += rows.length;
    return (column, index) => copyRows((this.columns[index] ??= keeper(column, most)), column, rows, to);
  }

  kept(): KeptRows {
    const { rows } = this;
    return {
      columns: this.columns.map((one) => columnOf(one, rows)),
      labels: this.labels.subarray(0, rows),
      rows,
    };
  }
}

function keeper(like: Column, most: number): Kept {
  return { like, values: like.kind === 'number' ? new Float32Array(most) : new Int32Array(most) };
}

function copyRows({ values }: Kept, column: Column, rows: Uint32Array, to: number): void {
  const from = column.kind === 'number' ? column.values : column.codes;
  for (let k = 0; k < rows.length; k++) values[to + k] = from[rows[k] ?? 0] ?? 0;
}

function columnOf({ like, values }: Kept, rows: number): Column {
  const { name } = like;
  if (like.kind === 'category') {
    return { kind: 'category', name, codes: (values as Int32Array).subarray(0, rows), levels: like.levels };
  }
  return { kind: 'number', name, values: (values as Float32Array).subarray(0, rows) };
}
