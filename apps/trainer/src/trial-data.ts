import { BadInputError, MARKS, RunSkippedError, type Dataset, type Mark } from '@factory/domain';
import { applyTransform, type Transform } from '@factory/normalisation';
import type { TrainingData } from './engines/training-engine';

/**
 * What all trials of a run read, in memory that every thread shares. Out-of-time rows are left out: trials neither
 * learn from them nor are judged on them.
 */
export interface TrialData extends TrainingData {
  readonly testRows: Uint32Array;
  /** [rows]; 1/f, for natural figures (RULES R6). */
  readonly weights: Float64Array;
  /** Added to a network's logit to get the natural one: ln f0 - ln f1. */
  readonly shift: number;
}

/** Bytes of a matrix row beside its values: label, weight and its place in one of the row lists. */
const BYTES_BESIDE_FEATURES = Uint8Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT + 4;

/** Bytes that `buildTrialData` will allocate. */
export function trialDataBytes(rows: number, width: number): number {
  return rows * (width * Float32Array.BYTES_PER_ELEMENT + BYTES_BESIDE_FEATURES);
}

/** Rows of a dataset that trials use. */
export function trialRowCount(dataset: Pick<Dataset, 'rows' | 'marks'>): number {
  const outOfTime = MARKS.indexOf('out-of-time');
  let count = 0;
  for (let row = 0; row < dataset.rows; row++) if (dataset.marks[row] !== outOfTime) count++;
  return count;
}

/**
 * Transforms a dataset's train, validation and test rows once, straight into shared memory.
 *
 * @param shift ln f0 - ln f1, or its stratified form (RULES R2, R6)
 * @param maxBytes refuses before allocating more than this
 * @throws BadInputError `dataset-too-large`
 * @throws RunSkippedError `nothing-to-learn` when train, validation or test rows lack goals or other visits
 */
export function buildTrialData(
  dataset: Dataset,
  transform: Transform,
  shift: number,
  maxBytes: number,
): TrialData {
  const rows = trialRowCount(dataset);
  const width = transform.outputs.length;
  checkTrialDataBytes(trialDataBytes(rows, width), maxBytes);

  const labels = new Uint8Array(new SharedArrayBuffer(rows));
  const weights = new Float64Array(new SharedArrayBuffer(rows * Float64Array.BYTES_PER_ELEMENT));
  const sourceRows = new Uint32Array(rows);
  const members: Record<Mark, number[]> = { train: [], validation: [], test: [], 'out-of-time': [] };
  for (let row = 0, at = 0; row < dataset.rows; row++) {
    const mark = MARKS[dataset.marks[row] ?? -1];
    if (!mark || mark === 'out-of-time') continue;
    sourceRows[at] = row;
    labels[at] = dataset.labels[row] ?? 0;
    weights[at] = dataset.weights[row] ?? 0;
    members[mark].push(at);
    at++;
  }
  for (const mark of ['train', 'validation', 'test'] as const) checkBothClasses(mark, members[mark], labels);

  const features = new Float32Array(new SharedArrayBuffer(rows * width * Float32Array.BYTES_PER_ELEMENT));
  applyTransform(transform, dataset.features, sourceRows, features);
  return {
    features,
    width,
    labels,
    weights,
    shift,
    trainRows: sharedRows(members.train),
    validationRows: sharedRows(members.validation),
    testRows: sharedRows(members.test),
  };
}

/** @throws BadInputError `dataset-too-large` */
export function checkTrialDataBytes(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new BadInputError('dataset-too-large', {
    field: 'dataset.bytes',
    value: bytes,
    todo: `raise maxDatasetBytes (now ${maxBytes}) with the pod's memory, or lower maxPositives or maxFeatures`,
  });
}

function checkBothClasses(mark: Mark, rows: readonly number[], labels: Uint8Array): void {
  const goals = rows.reduce((count, row) => count + (labels[row] ?? 0), 0);
  if (goals > 0 && goals < rows.length) return;
  throw new RunSkippedError(
    'nothing-to-learn',
    `the ${mark} rows hold ${goals} goals among ${rows.length} visits: widen the range or draw more visits`,
    { mark, goals, rows: rows.length },
  );
}

function sharedRows(rows: readonly number[]): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(rows.length * Uint32Array.BYTES_PER_ELEMENT));
  shared.set(rows);
  return shared;
}
