import { verifyStream } from '@factory/object-store';
import { TaskThread, withPipe } from '@factory/task-thread';
import type { OnApplicationShutdown } from '@nestjs/common';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { MatrixInput } from './build-matrix';
import type { FitInput, FittedDataset } from './fit-dataset';
import type { planningTasks } from './planning-tasks';
import type { TrialData } from './trial-data';
import { collectGarbage } from './workers/collect-garbage';

/** Opens the dataset's bytes; called twice when the thread starts the task: to verify them, then to read them. */
export type OpenDataset = () => Promise<Readable>;

/** Work that planning and training a group do on a thread other than the trials' threads. */
export interface DatasetWork {
  /** @throws IntegrityError (as FactoryError of its code); ServerAwayError; see `fitDataset` */
  fit(input: FitInput, open: OpenDataset, signal?: AbortSignal): Promise<FittedDataset>;
  /** @throws IntegrityError (as FactoryError of its code); ServerAwayError; see `buildMatrix` */
  matrix(input: MatrixInput, open: OpenDataset): Promise<TrialData>;
}

/**
 * A dataset of at most this many bytes leaves little garbage, so the thread is kept for the next one. Starting a
 * thread takes more processor time than the work on a small dataset.
 */
const SMALL_DATASET_BYTES = 32 * 1024 * 1024;

type Name = keyof typeof planningTasks & string;
type InputOf<N extends Name> = Parameters<(typeof planningTasks)[N]>[0]['input'];
type ResultOf<N extends Name> = ReturnType<(typeof planningTasks)[N]>;

/**
 * The trainer's thread for work on whole datasets; `planning.worker.cjs` is next to the bundle. It does one task at
 * a time, and ends after a task on a large dataset, so that its memory is freed immediately and not at a later
 * garbage collection.
 */
export class PlanningThread implements DatasetWork, OnApplicationShutdown {
  private readonly thread: TaskThread<typeof planningTasks>;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    file = join(__dirname, 'planning.worker.cjs'),
    private readonly smallBytes = SMALL_DATASET_BYTES,
  ) {
    this.thread = new TaskThread(file);
  }

  get isRunning(): boolean {
    return this.thread.isRunning;
  }

  fit(input: FitInput, open: OpenDataset, signal?: AbortSignal): Promise<FittedDataset> {
    return this.inTurn(() => this.run('fitDataset', input, open, signal));
  }

  matrix(input: MatrixInput, open: OpenDataset): Promise<TrialData> {
    return this.inTurn(() => this.run('buildMatrix', input, open));
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async run<N extends Name>(
    name: N,
    input: InputOf<N>,
    open: OpenDataset,
    signal?: AbortSignal,
  ): Promise<ResultOf<N>> {
    signal?.throwIfAborted();
    await verifyStream(await open(), input.dataset, signal);
    let mayStay = false;
    try {
      const result = await withPipe(
        await open(),
        (pipe) => this.thread.run(name, { input, pipe } as Parameters<(typeof planningTasks)[N]>[0], signal),
        signal,
      );
      mayStay = input.dataset.bytes <= this.smallBytes;
      return result;
    } finally {
      if (!mayStay) {
        await this.thread.close();
        // Frees the stream's chunks, which passed through this thread and would stay in memory while trials run.
        collectGarbage();
      }
    }
  }
}
