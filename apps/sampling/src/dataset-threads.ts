import type { TextParts } from '@factory/domain';
import type { Profile } from '@factory/model';
import { TaskThread, withOutlet, withPipe, type SharedPipe } from '@factory/task-thread';
import type { OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { datasetTasks } from './dataset-tasks';
import { memoryOf, type DrawnDataset } from './drawn-dataset';
import type { Examination, Examined } from './examine-dataset';
import type { MarkedVisits, VisitsToMark } from './mark-visits';
import type { StoredDataset } from './stored-profile';

/** Work of sampling that needs a thread: work on every row that never waits. */
export interface DatasetWork {
  /** See `orderByBytes`. */
  order(ids: TextParts): Promise<Uint32Array>;
  /** See `markVisits`. */
  mark(visits: VisitsToMark): Promise<MarkedVisits>;
  /**
   * Writes the dataset as dataset.arrow and passes the bytes on as they are produced, then examines it; the dataset
   * is no longer usable afterwards.
   */
  write<R>(
    dataset: DrawnDataset,
    examination: Examination,
    use: (chunks: AsyncIterable<Uint8Array>) => Promise<R>,
  ): Promise<{ readonly examined: Examined; readonly used: R }>;
  /** See `profileStored`. @param open opens its bytes, when it is their turn */
  profileStored(stored: StoredDataset, open: () => Readable): Promise<Profile>;
}

/** Provides threads for work on datasets. */
export interface DatasetWorkers {
  use<T>(rows: number, work: (thread: DatasetWork) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Datasets of at most this many rows share one permanent thread: starting a thread takes more processor time than
 * their work. A larger dataset gets a separate thread that ends with it, so that its memory is freed immediately and
 * not at a later garbage collection.
 */
const SMALL_ROWS = 100_000;

/** Sampling's threads; `dataset.worker.cjs` is next to the bundle. */
export class DatasetThreads implements DatasetWorkers, OnApplicationShutdown {
  private readonly shared: TaskThread<typeof datasetTasks>;

  constructor(
    private readonly file = join(__dirname, 'dataset.worker.cjs'),
    private readonly smallRows = SMALL_ROWS,
  ) {
    this.shared = new TaskThread(file);
  }

  async use<T>(rows: number, work: (thread: DatasetWork) => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (rows <= this.smallRows) return work(workOn(this.shared, signal));
    const own = new TaskThread<typeof datasetTasks>(this.file);
    try {
      return await work(workOn(own, signal));
    } finally {
      await own.close();
    }
  }

  onApplicationShutdown(): Promise<void> {
    return this.shared.close();
  }
}

function workOn(thread: TaskThread<typeof datasetTasks>, signal: AbortSignal | undefined): DatasetWork {
  return {
    order: (ids) => thread.run('orderByBytes', ids, signal),
    mark: (visits) => thread.run('markVisits', visits, signal),
    write: async (dataset, examination, use) => {
      const order = (out: SharedPipe) => ({ dataset, examination, out });
      const [examined, used] = await withOutlet(
        (out) => thread.run('writeDataset', order(out), signal, memoryOf(dataset)),
        use,
      );
      return { examined, used };
    },
    profileStored: (input, open) =>
      withPipe(open(), (pipe) => thread.run('profileStored', { input, pipe }, signal), signal),
  };
}
