import { datasetChunks, TextColumn } from '@factory/dataset';
import type { ConsecutiveTexts, Dataset } from '@factory/domain';

/** A dataset in the memory that its reading left: its texts as bytes. */
export type DrawnDataset = Omit<Dataset, 'visitIds' | 'visitorIds'> & {
  readonly visitIds: ConsecutiveTexts;
  readonly visitorIds: ConsecutiveTexts;
};

/** The bytes of dataset.arrow, made as they are asked for; use each chunk before the next is asked for. */
export function drawnDatasetChunks(dataset: DrawnDataset): Generator<Uint8Array> {
  return datasetChunks({
    ...dataset,
    visitIds: columnOf(dataset.visitIds),
    visitorIds: columnOf(dataset.visitorIds),
  });
}

/** All memory of a dataset, so that it can be handed to another thread instead of copied. */
export function memoryOf(dataset: DrawnDataset): ArrayBuffer[] {
  const arrays: ArrayBufferView[] = [
    ...[dataset.visitTimes, dataset.labels, dataset.marks, dataset.weights],
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
