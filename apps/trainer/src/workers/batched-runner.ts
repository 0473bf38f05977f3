import type { Trial } from '@factory/domain';
import { type TfjsBackend, TrialCancelledError, TrialWorkerLostError } from '@factory/engines';
import { join } from 'node:path';
import type { TrialData } from '../trial-data';
import { failedTrial, type TrialOutcome } from '../trial-outcome';
import type { BatchedOrder, BatchedReply, BatchedWorkerSettings } from './batched-messages';
import { EngineThread } from './engine-thread';
import { GroupStop } from './group-stop';
import { PlaceQueue } from './place-queue';
import type { GroupOptions, TrialRunner } from './trial-pool';

export interface BatchedRunnerOptions {
  /** TensorFlow backend. Default: the native binding, the only one that supports GPUs. */
  readonly backend?: TfjsBackend;
  /** Where `npm run build:tfjs-native` put the binding; absent: Node's own search for packages. */
  readonly nativeDir?: string;
  /** The compiled `batched.worker`; by default the file next to the bundle. */
  readonly workerFile?: string;
  /**
   * Milliseconds after which the thread of cancelled trials is ended if they have not stopped. Default 800: a
   * second in total.
   */
  readonly cancelGraceMs?: number;
}

/**
 * Trains the trials of a group together on one device, in one worker thread: a GPU gains nothing from a second one.
 * Groups are queued. A program that fails as a whole, or whose thread ends, is retried in halves.
 */
export class BatchedRunner implements TrialRunner {
  private readonly places: PlaceQueue<EngineThread<BatchedOrder, BatchedReply>>;
  private readonly thread: EngineThread<BatchedOrder, BatchedReply>;
  private readonly cancelGraceMs: number;
  private closed = false;

  constructor(options: BatchedRunnerOptions = {}) {
    const { backend = 'native', nativeDir, cancelGraceMs = 800 } = options;
    const { workerFile = join(__dirname, 'batched.worker.cjs') } = options;
    const settings: BatchedWorkerSettings = { backend, nativeDir };
    this.thread = new EngineThread(
      { workerFile, settings },
      (reason, cause) => new TrialWorkerLostError(0, reason, { cause }),
    );
    this.places = new PlaceQueue([this.thread]);
    this.cancelGraceMs = cancelGraceMs;
  }

  /**
   * Starts the thread.
   *
   * @returns the engine's name: `batched-gpu` if it found a GPU
   * @throws FactoryError `engine-unavailable`
   */
  start(): Promise<string> {
    return this.thread.start();
  }

  /** Ends the thread; trials in progress or waiting end as cancelled. */
  close(): Promise<void> {
    this.closed = true;
    return this.thread.stop();
  }

  /** See `TrialPool.runGroup`; trials of `options.alone` are separate programs. */
  async runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    let isRunning = false;
    const group = new GroupStop(
      options.signal,
      this.cancelGraceMs,
      () => void (isRunning && this.thread.stop()),
    );
    try {
      const outcomes = new Map<number, TrialOutcome>();
      for (const together of programsOf(trials, options.alone)) {
        const place = { seconds: 0, signal: group.signal };
        const ended = await this.places.use(place, async () => {
          if (this.closed) throw new TrialCancelledError();
          isRunning = true;
          try {
            await Promise.all(together.map(({ trial }) => options.beforeTrial?.(trial)));
            return await this.train(data, together, group.cancel, options);
          } finally {
            isRunning = false;
          }
        });
        for (const outcome of ended) outcomes.set(outcome.trial, outcome);
      }
      return trials.flatMap(({ trial }) => outcomes.get(trial) ?? []);
    } finally {
      group.end();
    }
  }

  private async train(
    data: TrialData,
    trials: readonly Trial[],
    cancel: Int32Array,
    options: GroupOptions,
  ): Promise<readonly TrialOutcome[]> {
    const { seed, untilEpoch, resumeFrom, onEpoch, onPause, onOutcome } = options;
    const order = { data, trials, seed, cancel, untilEpoch, resumeFrom };
    let outcomes: readonly TrialOutcome[];
    try {
      outcomes = await this.thread.run<readonly TrialOutcome[]>(order, (reply, resolve) => {
        if (reply.kind === 'epoch') onEpoch?.(reply.trial, reply.record);
        if (reply.kind === 'done') resolve(reply.outcomes);
      });
    } catch (thrown) {
      const [one, another] = trials;
      if (one && another && !(thrown instanceof TrialCancelledError)) {
        // Out of memory, or a fault of one trial: smaller programs fit, and show which trial it is.
        const half = Math.ceil(trials.length / 2);
        const first = await this.train(data, trials.slice(0, half), cancel, options);
        return [...first, ...(await this.train(data, trials.slice(half), cancel, options))];
      }
      outcomes = one ? [failedTrial(one, ownError(one, thrown))] : [];
    }
    for (const outcome of outcomes) {
      await (outcome.paused ? onPause?.(outcome.trial) : onOutcome?.(outcome));
    }
    return outcomes;
  }
}

/** The trials that are trained together: all except those that must run alone. */
function programsOf(trials: readonly Trial[], alone: ReadonlySet<number> = new Set()): Trial[][] {
  const together = trials.filter(({ trial }) => !alone.has(trial));
  const apart = trials.filter(({ trial }) => alone.has(trial)).map((one) => [one]);
  return together.length > 0 ? [together, ...apart] : apart;
}

/** The thread's error with the name of the trial that failed with it. */
function ownError({ trial }: Trial, thrown: unknown): unknown {
  if (!(thrown instanceof TrialWorkerLostError)) return thrown;
  return new TrialWorkerLostError(trial, thrown.reason, { cause: thrown });
}
