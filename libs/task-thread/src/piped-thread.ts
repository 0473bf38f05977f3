import type { Readable } from 'node:stream';
import type { Tasks } from './task-messages';
import { TaskThread } from './task-thread';
import { withPipe, type Piped } from './with-pipe';

type InputOf<T extends Tasks, N extends keyof T> =
  Parameters<T[N]>[0] extends Piped<infer Input> ? Input : never;

/** A thread whose tasks each read one stream of bytes. One stream is open at a time: none waits for its turn. */
export class PipedThread<T extends Tasks> {
  private readonly thread: TaskThread<T>;
  private last: Promise<unknown> = Promise.resolve();

  /** @param file the compiled `<name>.worker`, which calls `serveTasks` with tasks that take `Piped` input */
  constructor(file: string) {
    this.thread = new TaskThread(file);
  }

  /**
   * @param open called when it is the task's turn
   * @throws what the task throws, or what broke its stream; the signal's reason
   */
  run<N extends keyof T & string>(
    name: N,
    input: InputOf<T, N>,
    open: () => Promise<Readable>,
    signal?: AbortSignal,
  ): Promise<ReturnType<T[N]>> {
    const turn = this.last.then(async () => {
      signal?.throwIfAborted();
      const work = (pipe: Piped<unknown>['pipe']) =>
        this.thread.run(name, { input, pipe } as Parameters<T[N]>[0], signal);
      return withPipe(await open(), work, signal);
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Ends the thread. */
  close(): Promise<void> {
    return this.thread.close();
  }
}
