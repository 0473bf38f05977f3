import type { TextParts } from '@factory/domain';
import { TaskThread, withOutlet } from '@factory/task-thread';
import type { OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { datasetTasks } from './dataset-tasks';
import { memoryOf, type DrawnDataset } from './drawn-dataset';
import type { MarkedVisits, VisitsToMark } from './mark-visits';

/** What sampling needs a thread for: whatever looks at every row and waits for nothing. */
export interface DatasetWork {
  /** See `orderByBytes`. */
  order(ids: TextParts): Promise<Uint32Array>;
  /** See `markVisits`. */
  mark(visits: VisitsToMark): Promise<MarkedVisits>;
  /** Makes dataset.arrow of the dataset, which is gone afterwards, and has it used as it is made. */
  write<R>(dataset: DrawnDataset, use: (chunks: AsyncIterable<Uint8Array>) => Promise<R>): Promise<R>;
}

/** Lends threads for work on datasets. */
export interface DatasetWorkers {
  use<T>(rows: number, work: (thread: DatasetWork) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * Datasets of at most so many rows share a thread, which stays: starting one takes more processor time than they do.
 * A larger one has a thread of its own, which ends with it: what it took of memory is free at once, and not at some
 * garbage collection.
 */
const SMALL_ROWS = 100_000;

/** Sampling's threads; `dataset.worker.cjs` is beside the bundle. */
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
    write: async (dataset, use) => {
      const [, used] = await withOutlet(
        (out) => thread.run('writeDataset', { dataset, out }, signal, memoryOf(dataset)),
        use,
      );
      return used;
    },
  };
}
