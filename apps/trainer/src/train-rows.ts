import type { ArtefactRef } from '@factory/contracts';
import { mostDatasetRows } from '@factory/dataset';
import { rowsOf, type Column } from '@factory/domain';
import { checkDatasetMemory } from './matrix-size';
import { timesOf, trialRowCount, type TimedBatch } from './trial-data';

/** The part of a dataset that a transform may be fitted on. */
export interface TrainRows {
  /** All feature columns, raw, of train rows alone. */
  readonly columns: readonly Column[];
  /** [rows] 1 = goal reached. */
  readonly labels: Uint8Array;
  readonly rows: number;
  /** Train, validation and test rows of the dataset. */
  readonly trialRows: number;
  /** The same for each start of a shorter window, in the order given. */
  readonly shorterRows: readonly number[];
}

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
 * the limit, the bound is the limit: its train rows may still fit, and `collectTrainRows` refuses those that do not.
 */
export function fitBytes({ bytes }: Pick<ArtefactRef, 'bytes'>, maxBytes: number): number {
  return Math.min(bytes, maxBytes);
}

/**
 * Collects the train rows of a dataset, in order, from batches that are valid only until the next one.
 *
 * @param bytes of the whole dataset: an upper bound for its rows before they are counted. Memory beyond the actual rows is reserved but never touched.
 * @param maxBytes limit for train rows
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
  const kept: Kept[] = [];
  let labels = new Uint8Array(0);
  let [rows, trialRows] = [0, 0];
  let shorterRows = startsMs.map(() => 0);
  for (const batch of batches) {
    const rowBytes = trainRowBytes(batch.featureCount);
    const most = Math.min(mostDatasetRows(bytes, batch.featureCount), Math.floor(maxBytes / rowBytes));
    const marked = rowsOf(batch, 'train');
    checkDatasetMemory('fit', (rows + marked.length) * rowBytes, maxBytes);
    if (labels.length === 0) labels = new Uint8Array(most);
    for (let k = 0; k < marked.length; k++) labels[rows + k] = batch.labels[marked[k] ?? 0] ?? 0;
    const timed = { rows: batch.rows, marks: batch.marks, ...timesOf(batch, startsMs[0]) };
    shorterRows = startsMs.map((start, at) => (shorterRows[at] ?? 0) + trialRowCount(timed, start));
    let index = 0;
    for (const columns of batch.features) {
      for (const column of columns) {
        copyRows((kept[index] ??= keeper(column, most)), column, marked, rows);
        index++;
      }
    }
    trialRows += trialRowCount(batch);
    rows += marked.length;
  }
  return {
    columns: kept.map((one) => columnOf(one, rows)),
    labels: labels.subarray(0, rows),
    rows,
    trialRows,
    shorterRows,
  };
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
