import { FactoryError, RunSkippedError, codeOf, messageOf } from '@factory/domain';
import { parentPort } from 'node:worker_threads';
import type { Order, Reply, Tasks } from './task-messages';

/** Call in `<name>.worker.ts`: executes the tasks of a `TaskThread`. */
export function serveTasks(tasks: Tasks): void {
  parentPort?.on('message', ({ name, input }: Order) => {
    parentPort?.postMessage(answer(tasks, name, input));
  });
}

function answer(tasks: Tasks, name: string, input: unknown): Reply {
  try {
    const task = tasks[name] as ((input: unknown) => unknown) | undefined;
    if (!task) throw new FactoryError('unknown-task', `no task ${name} in this worker`, false);
    return { kind: 'done', result: task(input) };
  } catch (error) {
    return {
      kind: 'failed',
      code: codeOf(error),
      message: messageOf(error),
      retryable: error instanceof FactoryError ? error.retryable : true,
      skipped: error instanceof RunSkippedError ? error.figures : null,
    };
  }
}
