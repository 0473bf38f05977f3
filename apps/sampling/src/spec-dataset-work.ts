import { decodeDataset } from '@factory/dataset';
import type { Dataset } from '@factory/domain';
import { BytePipe, BytePipeReader } from '@factory/task-thread';
import { Readable } from 'node:stream';
import type { DatasetWork, DatasetWorkers } from './dataset-threads';
import type { DrawnSample } from './draw-sample';
import { drawnDatasetChunks, type DrawnDataset } from './drawn-dataset';
import { examineDataset } from './examine-dataset';
import { markVisits } from './mark-visits';
import { profileStored } from './stored-profile';
import type { SamplingLedger } from './sampling-ledger';
import { orderByBytes } from './sort-by-bytes';

const here: DatasetWork = {
  order: (ids) => Promise.resolve(orderByBytes(ids)),
  mark: (visits) => Promise.resolve(markVisits(visits)),
  write: async (dataset, examination, use) => ({
    used: await use(Readable.from([bytesOf(dataset)])),
    examined: examineDataset(dataset, examination),
  }),
  profileStored: async (stored, open) => {
    const pipe = new BytePipe(64 * 1024 * 1024);
    await pipe.pump(open());
    return profileStored(stored, new BytePipeReader(pipe.shared));
  },
};

/** For specs: a dataset thread's work on the calling thread. */
export const workHere: DatasetWorkers = { use: (_, work) => work(here) };

/** A sample as read from dataset.arrow. */
export function asRead({ dataset, ledger }: DrawnSample): { dataset: Dataset; ledger: SamplingLedger } {
  return { dataset: decodeDataset(bytesOf(dataset)), ledger };
}

/** dataset.arrow in one piece. */
export function bytesOf(dataset: DrawnDataset): Buffer {
  return Buffer.concat(Array.from(drawnDatasetChunks(dataset), (chunk) => Buffer.from(chunk)));
}

/** As a dataset was before there were halves. */
export function withoutHalves(dataset: DrawnDataset): DrawnDataset {
  const older: { -readonly [F in keyof DrawnDataset]: DrawnDataset[F] } = { ...dataset };
  delete older.halves;
  return older;
}
