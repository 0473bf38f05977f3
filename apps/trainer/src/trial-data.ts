import type { DatasetBatch, VisitBatch } from '@factory/dataset';
import { BadInputError, MARKS, RunSkippedError, type Mark } from '@factory/domain';
import type { InputMatrix, TrainingData } from '@factory/engines';
import { LayoutWriter, codedLayout, type MatrixLayout, type Transform } from '@factory/normalisation';
import { checkDatasetMemory, matrixSizeOf, trialDataBytes } from './matrix-size';

/**
 * The input of all trials of a run, in memory that all threads share. Out-of-time rows are left out: trials are
 * neither trained nor judged on them.
 */
export interface TrialData extends TrainingData {
  readonly testRows: Uint32Array;
  /** [rows]; 1/f, for natural figures (rules R6). */
  readonly weights: Float64Array;
  /** Added to a network's logit to get the natural one: ln f0 - ln f1. */
  readonly shift: number;
}

export interface TrialDataOptions {
  readonly transform: Transform;
  /** ln f0 - ln f1, or its stratified form (rules R2, R6). */
  readonly shift: number;
  /** Total number of train, validation and test rows in the batches, as planned. */
  readonly rows: number;
  /** Train and validation rows of visits before it are left out, in milliseconds; undefined: none are. */
  readonly trainFromMs?: number | undefined;
  /** Refuses before allocating more than this. */
  readonly maxBytes: number;
}

const [TEST, OUT_OF_TIME] = [MARKS.indexOf('test'), MARKS.indexOf('out-of-time')];

/** The marks of visits and, where only a part of the window is trained on, when they were. */
export interface MarkedRows extends Pick<DatasetBatch, 'rows' | 'marks'> {
  readonly visitTimes?: Float64Array;
}

/**
 * Rows of a batch that trials use. All test rows, wherever training begins: nothing is fitted on them, and trials are
 * compared by them.
 */
export function trialRowCount(batch: MarkedRows, trainFromMs?: number): number {
  let count = 0;
  for (let row = 0; row < batch.rows; row++) if (isUsed(batch, row, trainFromMs)) count++;
  return count;
}

function isUsed({ marks, visitTimes }: MarkedRows, row: number, trainFromMs: number | undefined): boolean {
  if (marks[row] === OUT_OF_TIME) return false;
  return trainFromMs === undefined || marks[row] === TEST || (visitTimes?.[row] ?? NaN) >= trainFromMs;
}

/** A batch that also has the times of its visits, where they are needed. */
export type TimedBatch = DatasetBatch & Partial<Pick<VisitBatch, 'visits'>>;

/** The times of a batch, read only if something depends on them; before its features are. */
export function timesOf({ visits }: TimedBatch, needed: unknown): Pick<MarkedRows, 'visitTimes'> {
  return needed === undefined || !visits ? {} : { visitTimes: visits().visitTimes };
}

/**
 * Transforms a dataset's train, validation and test rows once, batch by batch, straight into shared memory.
 *
 * @throws BadInputError `dataset-too-large`; `unexpected-rows` if the batches have another number of rows than planned
 * @throws RunSkippedError `nothing-to-learn` if train, validation or test rows have no goals or no other visits
 */
export function buildTrialData(batches: Iterable<TimedBatch>, options: TrialDataOptions): TrialData {
  const { transform, shift, rows, maxBytes, trainFromMs } = options;
  const layout = codedLayout(transform);
  checkDatasetMemory('matrix', trialDataBytes(matrixSizeOf(rows, layout)), maxBytes);
  const { denseColumns, groups } = layout;
  const features = new Float32Array(shared(rows * denseColumns.length * Float32Array.BYTES_PER_ELEMENT));
  const codes = new Uint16Array(shared(rows * groups.length * Uint16Array.BYTES_PER_ELEMENT));
  const labels = new Uint8Array(shared(rows));
  const weights = new Float64Array(shared(rows * Float64Array.BYTES_PER_ELEMENT));
  const marks = new Uint8Array(rows);
  let scratch = new Uint32Array(0);
  let done = 0;
  for (const batch of batches) {
    if (scratch.length < batch.rows) scratch = new Uint32Array(batch.rows);
    const used = rowsOfTrials(batch, timesOf(batch, trainFromMs), trainFromMs, scratch);
    if (done + used.length > rows) throw unexpectedRows(rows, done + used.length);
    used.forEach((row, k) => {
      labels[done + k] = batch.labels[row] ?? 0;
      weights[done + k] = batch.weights[row] ?? 0;
      marks[done + k] = batch.marks[row] ?? OUT_OF_TIME;
    });
    const writer = new LayoutWriter(transform, layout, used, {
      features: features.subarray(done * denseColumns.length),
      codes: codes.subarray(done * groups.length),
    });
    for (const columns of batch.features) writer.add(columns);
    writer.end();
    done += used.length;
  }
  if (done !== rows) throw unexpectedRows(rows, done);
  return {
    ...inputMatrix(features, codes, layout),
    labels,
    weights,
    shift,
    trainRows: rowsOfPart('train', marks, labels),
    validationRows: rowsOfPart('validation', marks, labels),
    testRows: rowsOfPart('test', marks, labels),
  };
}

function inputMatrix(features: Float32Array, codes: Uint16Array, layout: MatrixLayout): InputMatrix {
  const { width, denseColumns, codedColumns, groups } = layout;
  if (groups.length === 0) return { features, width };
  const columns = sharedNumbers(codedColumns);
  return {
    features,
    width,
    oneHot: { codes, groups: groups.length, columns, denseColumns: sharedNumbers(denseColumns) },
  };
}

/** @param into at least as long as the batch */
function rowsOfTrials(
  { rows, marks }: DatasetBatch,
  times: Pick<MarkedRows, 'visitTimes'>,
  trainFromMs: number | undefined,
  into: Uint32Array,
): Uint32Array {
  const marked = { rows, marks, ...times };
  let count = 0;
  for (let row = 0; row < rows; row++) if (isUsed(marked, row, trainFromMs)) into[count++] = row;
  return into.subarray(0, count);
}

/** Row numbers of a mark, in shared memory. @throws RunSkippedError `nothing-to-learn` */
function rowsOfPart(mark: Mark, marks: Uint8Array, labels: Uint8Array): Uint32Array {
  const code = MARKS.indexOf(mark);
  let [count, goals] = [0, 0];
  marks.forEach((one, row) => {
    if (one !== code) return;
    count++;
    goals += labels[row] ?? 0;
  });
  if (goals === 0 || goals === count) {
    throw new RunSkippedError(
      'nothing-to-learn',
      `the ${mark} rows hold ${goals} goals among ${count} visits: widen the range or draw more visits`,
      { mark, goals, rows: count },
    );
  }
  const rows = new Uint32Array(shared(count * Uint32Array.BYTES_PER_ELEMENT));
  for (let row = 0, at = 0; at < count; row++) if (marks[row] === code) rows[at++] = row;
  return rows;
}

function unexpectedRows(planned: number, found: number): BadInputError {
  return new BadInputError('unexpected-rows', {
    field: 'matrix.rows',
    value: planned,
    todo: `plan the run again: its dataset holds ${found} rows for trials`,
  });
}

function sharedNumbers(numbers: Uint32Array): Uint32Array {
  const copy = new Uint32Array(shared(numbers.byteLength));
  copy.set(numbers);
  return copy;
}

function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
