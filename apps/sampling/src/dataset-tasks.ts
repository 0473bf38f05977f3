import { BytePipeReader, ByteOutletWriter, type Piped, type SharedPipe } from '@factory/task-thread';
import { drawnDatasetChunks, type DrawnDataset } from './drawn-dataset';
import { examineDataset, type Examination, type Examined } from './examine-dataset';
import { markVisits } from './mark-visits';
import { orderByBytes } from './sort-by-bytes';
import { profileStored, type StoredDataset } from './stored-profile';

export interface WriteOrder {
  readonly dataset: DrawnDataset;
  readonly examination: Examination;
  /** Receives dataset.arrow. */
  readonly out: SharedPipe;
}

/** Tasks of a dataset thread. */
export const datasetTasks = {
  orderByBytes,
  markVisits,
  writeDataset: ({ dataset, examination, out }: WriteOrder): Examined => {
    const writer = new ByteOutletWriter(out);
    for (const chunk of drawnDatasetChunks(dataset)) writer.write(chunk);
    return examineDataset(dataset, examination);
  },
  profileStored: ({ input, pipe }: Piped<StoredDataset>) => profileStored(input, new BytePipeReader(pipe)),
};
