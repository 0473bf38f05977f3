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
 * A task on at most so many bytes leaves little behind: the thread stays for the next one. Starting one takes more
 * processor time than the work on a small file.
 */
const SMALL_BYTES = 32 * 1024 * 1024;

/**
 * A thread whose tasks each read one stream of bytes. One stream is open at a time: none waits for its turn. The
 * thread ends with a task on many bytes: what that took is free at once, and not at some garbage collection.
 */
export class PipedThread<T extends Tasks> {
  private readonly thread: TaskThread<T>;
  private last: Promise<unknown> = Promise.resolve();

  /** @param file the compiled `<name>.worker`, which calls `serveTasks` with tasks that take `Piped` input */
  constructor(file: string) {
    this.thread = new TaskThread(file);
  }

  /** @throws what the task throws, or what broke its stream; the signal's reason */
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

  /** Ends the thread. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
