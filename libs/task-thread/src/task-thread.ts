import { FactoryError, RunSkippedError, messageOf } from '@factory/domain';
import { Worker, type TransferListItem } from 'node:worker_threads';
import type { Order, Reply, Tasks } from './task-messages';

export type { Tasks } from './task-messages';

/**
 * Runs a service's long computations on a separate thread, one at a time, so that heartbeats and probes of the
 * main thread are never delayed (rules R13). The thread is started by the first task and kept.
 */
export class TaskThread<T extends Tasks> {
  private worker: Worker | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /** @param file the compiled `<name>.worker`, which calls `serveTasks` */
  constructor(private readonly file: string) {}

  /**
   * @param signal terminates the thread during the task; the next task gets a new one
   * @throws FactoryError with the task's own code; the signal's reason
   */
  run<N extends keyof T & string>(
    name: N,
    input: Parameters<T[N]>[0],
    signal?: AbortSignal,
    transfer: readonly TransferListItem[] = [],
  ): Promise<ReturnType<T[N]>> {
    const turn = this.last.then(() => this.runNow({ name, input }, signal, transfer));
    this.last = turn.catch(() => undefined);
    return turn as Promise<ReturnType<T[N]>>;
  }

  /** Whether there is a thread, busy or idle. */
  get isRunning(): boolean {
    return this.worker !== undefined;
  }

  /** Terminates the thread. */
  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }

  private runNow(
    order: Order,
    signal: AbortSignal | undefined,
    transfer: readonly TransferListItem[],
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const worker = (this.worker ??= this.start());
    return new Promise((resolve, reject) => {
      const onMessage = (reply: Reply): void => {
        if (reply.kind === 'done') settle(() => resolve(reply.result));
        else settle(() => reject(errorOf(reply)));
      };
      const onError = (cause: unknown): void =>
        settle(() => reject(lost(order.name, messageOf(cause), cause)));
      const onExit = (code: number): void => settle(() => reject(lost(order.name, `exit code ${code}`)));
      const onAbort = (): void => {
        this.forget(worker);
        void worker.terminate();
        settle(() => reject(signal?.reason as unknown));
      };
      const settle = (act: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal?.removeEventListener('abort', onAbort);
        act();
      };
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal?.addEventListener('abort', onAbort, { once: true });
      worker.postMessage(order, [...transfer]);
    });
  }

  private start(): Worker {
    const worker = new Worker(this.file);
    // The caller of a task gets the error as well; an idle thread that dies is only replaced.
    worker.on('error', () => this.forget(worker));
    worker.on('exit', () => this.forget(worker));
    return worker;
  }

  private forget(worker: Worker): void {
    if (this.worker === worker) this.worker = undefined;
  }
}

function errorOf(reply: Extract<Reply, { kind: 'failed' }>): FactoryError {
  const { code, message, retryable, skipped } = reply;
  return skipped ? new RunSkippedError(code, message, skipped) : new FactoryError(code, message, retryable);
}

function lost(task: string, reason: string, cause?: unknown): FactoryError {
  const text = `the thread of ${task} ended (${reason}): check the pod's memory limit`;
  return new FactoryError('worker-lost', text, true, { cause });
}
