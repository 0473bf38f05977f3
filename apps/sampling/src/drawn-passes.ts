import type { Column } from '@factory/domain';
import type { Passes, ProfileBatch } from '@factory/judgement';
import type { DrawnDataset } from './drawn-dataset';

/** What is computed of a row before its columns takes some 50 bytes: of so many rows at once. */
const BATCH_ROWS = 65_536;

/** A drawn dataset as batches, to be gone through as often as wanted: views of its memory, nothing is copied. */
export function passesOfDrawn(dataset: DrawnDataset, batchRows = BATCH_ROWS): Passes {
  return function* () {
    for (let from = 0; from < dataset.rows; from += batchRows)
      yield batchOf(dataset, from, Math.min(dataset.rows, from + batchRows));
  };
}

function batchOf(dataset: DrawnDataset, from: number, to: number): ProfileBatch {
  const { features, visitTimes, visitorIds, labels, marks, weights } = dataset;
  return {
    rows: to - from,
    labels: labels.subarray(from, to),
    marks: marks.subarray(from, to),
    weights: weights.subarray(from, to),
    visits: () => ({
      visitTimes: visitTimes.subarray(from, to),
      visitorIds: { offsets: visitorIds.offsets.subarray(from, to + 1), bytes: visitorIds.bytes },
    }),
    features: features.map((column): Column[] => [
      column.kind === 'number'
        ? { ...column, values: column.values.subarray(from, to) }
        : { ...column, codes: column.codes.subarray(from, to) },
    ]),
  };
}
