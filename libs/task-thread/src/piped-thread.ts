import type { Readable } from 'node:stream';
import type { Tasks } from './task-messages';
import { TaskThread } from './task-thread';
import { withPipe, type Piped } from './with-pipe';

type InputOf<T extends Tasks, N extends keyof T> =
  Parameters<T[N]>[0] extends Piped<infer Input> ? Input : never;

/** The bytes that a task reads. */
export interface PipedBytes {
  /** Called when it is the task's turn. */
  readonly open: () => Promise<Readable>;
  readonly count: number;
}

/**
 * A task on fewer bytes uses little memory, so the thread is kept for the next one: starting a thread takes
 * more processor time than a small file.
 */
const SMALL_BYTES = 32 * 1024 * 1024;

/**
 * A thread whose tasks each read one stream of bytes. Only one stream is open at a time: none is opened before
 * its turn. The thread is terminated after a task on many bytes, which frees their memory immediately instead
 * of at some garbage collection.
 */
export class PipedThread<T extends Tasks> {
  private readonly thread: TaskThread<T>;
  private last: Promise<unknown> = Promise.resolve();

  /** @param file the compiled `<name>.worker`, which calls `serveTasks` with tasks that take `Piped` input */
  constructor(file: string) {
    this.thread = new TaskThread(file);
  }

  /** @throws the error of the task, or of its stream; the signal's reason */
  run<N extends keyof T & string>(
    name: N,
    input: InputOf<T, N>,
    { open, count }: PipedBytes,
    signal?: AbortSignal,
  ): Promise<ReturnType<T[N]>> {
    const turn = this.last.then(async () => {
      signal?.throwIfAborted();
      const work = (pipe: Piped<unknown>['pipe']) =>
        this.thread.run(name, { input, pipe } as Parameters<T[N]>[0], signal);
      try {
        return await withPipe(await open(), work, signal);
      } finally {
        if (count > SMALL_BYTES) await this.thread.close();
      }
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Terminates the thread. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
