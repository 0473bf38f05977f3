import { ByteOutletWriter, type SharedPipe } from '@factory/task-thread';
import { drawnDatasetChunks, type DrawnDataset } from './drawn-dataset';
import { markVisits } from './mark-visits';
import { orderByBytes } from './sort-by-bytes';

export interface WriteOrder {
  readonly dataset: DrawnDataset;
  /** Takes dataset.arrow. */
  readonly out: SharedPipe;
}

/** What a dataset thread can do. */
export const datasetTasks = {
  orderByBytes,
  markVisits,
  writeDataset: ({ dataset, out }: WriteOrder): void => {
    const writer = new ByteOutletWriter(out);
    for (const chunk of drawnDatasetChunks(dataset)) writer.write(chunk);
  },
};
