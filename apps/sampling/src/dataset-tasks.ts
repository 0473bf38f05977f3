import { ByteOutletWriter, type SharedPipe } from '@factory/task-thread';
import { drawnDatasetChunks, type DrawnDataset } from './drawn-dataset';
import { markVisits } from './mark-visits';
import { orderByBytes } from './sort-by-bytes';

export interface WriteOrder {
  readonly dataset: DrawnDataset;
  /** Receives dataset.arrow. */
  readonly out: SharedPipe;
}

/** Tasks of a dataset thread. */
export const datasetTasks = {
  orderByBytes,
  markVisits,
  writeDataset: ({ dataset, out }: WriteOrder): void => {
    const writer = new ByteOutletWriter(out);
    for (const chunk of drawnDatasetChunks(dataset)) writer.write(chunk);
  },
};
