import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { codeOf, messageOf, type NumberedCombination } from '@factory/domain';
import type { EngineName } from '../engines/create-engine';
import type { EpochRecord } from '../engines/training-engine';
import { NO_FIGURES, type TrialOutcome } from '../run-trial';
import type { TrialData } from '../trial-data';
import { TrialCancelledError } from '../training-errors';
import { createCancelFlag, setCancelFlag } from './trial-messages';
import { TrialThread } from './trial-thread';

export interface TrialPoolOptions {
  /** Trials at a time, each on its own thread. Default: cores. */
  readonly workers?: number;
  readonly engine?: EngineName;
  /** The compiled `trial.worker`; by default the file that a bundle has beside it. */
  readonly workerFile?: string;
  /** Most JavaScript heap of a thread in MiB. */
  readonly heapMb?: number;
  /** A trial that has not stopped this long after being cancelled loses its thread. Default 1,000. */
  readonly cancelGraceMs?: number;
}

export interface GroupOptions {
  readonly seed: string;
  readonly signal?: AbortSignal;
  /** Awaited before a trial starts: who must find it after a native crash records it here. */
  readonly beforeTrial?: (trial: number) => Promise<void>;
  readonly onEpoch?: (trial: number, record: EpochRecord) => void;
  /** In order of finishing. */
  readonly onOutcome?: (outcome: TrialOutcome) => void;
}

/** What the trainer's consumer needs: trains the trials of a group. */
export interface TrialRunner {
  runGroup(
    data: TrialData,
    combinations: readonly NumberedCombination[],
    options: GroupOptions,
  ): Promise<TrialOutcome[]>;
}

/** Worker threads that all groups of the process share; trials wait their turn in the order in which they came. */
export class TrialPool implements TrialRunner {
  private readonly idle: TrialThread[];
  private readonly threads: readonly TrialThread[];
  private readonly queue: ((thread: TrialThread) => void)[] = [];
  private readonly cancelGraceMs: number;
  private closed = false;

  constructor(options: TrialPoolOptions = {}) {
    const {
      workers = availableParallelism(),
      engine = 'auto',
      workerFile = join(__dirname, 'trial.worker.cjs'),
      cancelGraceMs = 1000,
      heapMb,
    } = options;
    this.threads = Array.from({ length: workers }, () => new TrialThread({ engine, workerFile, heapMb }));
    this.idle = [...this.threads];
    this.cancelGraceMs = cancelGraceMs;
  }

  /** How many more trials could start at once. */
  get freeWorkers(): number {
    return Math.max(0, this.idle.length - this.queue.length);
  }

  /**
   * Starts every thread, so that a missing engine is found at boot.
   *
   * @returns the engine's name
   * @throws FactoryError `engine-unavailable`
   */
  async start(): Promise<string> {
    const names = await Promise.all(this.threads.map((thread) => thread.start()));
    return names[0] ?? 'none';
  }

  /**
   * Trains every combination. A trial that fails, or whose thread dies, is an outcome like any other; the others go
   * on.
   *
   * @param data from `buildTrialData`; shared with the threads, not copied
   * @returns outcomes in the order of `combinations`
   * @throws TrialCancelledError after `signal` was aborted and no trial of the group runs any more
   * @throws whatever `beforeTrial` throws; the rest of the group is then cancelled
   */
  async runGroup(
    data: TrialData,
    combinations: readonly NumberedCombination[],
    options: GroupOptions,
  ): Promise<TrialOutcome[]> {
    const cancel = createCancelFlag();
    const running = new Set<TrialThread>();
    let forced: NodeJS.Timeout | undefined;
    const stopAll = () => {
      if (cancel[0] !== 0) return;
      setCancelFlag(cancel);
      forced = setTimeout(() => running.forEach((thread) => void thread.stop()), this.cancelGraceMs);
    };
    if (options.signal?.aborted) stopAll();
    options.signal?.addEventListener('abort', stopAll, { once: true });
    try {
      const trials = combinations.map(async (combination) => {
        try {
          return await this.withThread(async (thread) => {
            if (cancel[0] !== 0 || this.closed) throw new TrialCancelledError();
            running.add(thread);
            try {
              await options.beforeTrial?.(combination.trial);
              return await this.runOne(thread, data, combination, cancel, options);
            } finally {
              running.delete(thread);
            }
          });
        } catch (thrown) {
          stopAll();
          throw thrown;
        }
      });
      const settled = await Promise.allSettled(trials);
      const reasons = settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      if (reasons.length > 0) throw firstCause(reasons);
      return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    } finally {
      options.signal?.removeEventListener('abort', stopAll);
      clearTimeout(forced);
    }
  }

  /** Ends all threads; trials in hand or waiting end as cancelled. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }

  private async runOne(
    thread: TrialThread,
    data: TrialData,
    combination: NumberedCombination,
    cancel: Int32Array,
    options: GroupOptions,
  ): Promise<TrialOutcome> {
    const outcome = await thread
      .run({ data, combination, seed: options.seed, cancel }, (record) =>
        options.onEpoch?.(combination.trial, record),
      )
      .catch((thrown: unknown) => failed(combination, thrown));
    options.onOutcome?.(outcome);
    return outcome;
  }

  private async withThread<T>(work: (thread: TrialThread) => Promise<T>): Promise<T> {
    const thread = this.idle.pop() ?? (await new Promise<TrialThread>((resolve) => this.queue.push(resolve)));
    try {
      return await work(thread);
    } finally {
      const next = this.queue.shift();
      if (next) next(thread);
      else this.idle.push(thread);
    }
  }
}

/** @throws TrialCancelledError again: being cancelled is no outcome of a trial */
function failed(combination: NumberedCombination, thrown: unknown): TrialOutcome {
  if (thrown instanceof TrialCancelledError) throw thrown;
  const error = `${codeOf(thrown)}: ${messageOf(thrown)}`;
  return { ...NO_FIGURES, combination, status: 'failed', error, weights: null, history: [] };
}

/** What stopped the group, not the cancellations that followed from it. */
function firstCause(reasons: readonly unknown[]): unknown {
  return reasons.find((reason) => !(reason instanceof TrialCancelledError)) ?? reasons[0];
}
