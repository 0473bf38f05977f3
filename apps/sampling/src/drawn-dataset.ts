import { datasetChunks, TextColumn } from '@factory/dataset';
import type { ConsecutiveTexts, Dataset } from '@factory/domain';

/** A dataset in the form in which it was read: its texts as bytes. */
export type DrawnDataset = Omit<Dataset, 'visitIds' | 'visitorIds'> & {
  readonly visitIds: ConsecutiveTexts;
  readonly visitorIds: ConsecutiveTexts;
};

/** The bytes of dataset.arrow, generated on demand; use each chunk before requesting the next. */
export function drawnDatasetChunks(dataset: DrawnDataset): Generator<Uint8Array> {
  return datasetChunks({
    ...dataset,
    visitIds: columnOf(dataset.visitIds),
    visitorIds: columnOf(dataset.visitorIds),
  });
}

/** All buffers of a dataset, so that they can be transferred to another thread instead of copied. */
export function memoryOf(dataset: DrawnDataset): ArrayBuffer[] {
  const arrays: ArrayBufferView[] = [
    ...[dataset.visitTimes, dataset.labels, dataset.marks, dataset.weights],
    ...(dataset.halves ? [dataset.halves] : []),
    ...[dataset.visitIds, dataset.visitorIds].flatMap(({ offsets, bytes }) => [offsets, bytes]),
    ...dataset.features.map((column) => (column.kind === 'number' ? column.values : column.codes)),
  ];
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}

function columnOf({ offsets, bytes }: ConsecutiveTexts): TextColumn {
  const column = new TextColumn();
  column.own(offsets, bytes);
  return column;
}
