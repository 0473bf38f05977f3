import { mostSteps, type Trial } from '@factory/domain';
import {
  type EngineName,
  type EngineOptions,
  type EpochRecord,
  type PausedTrial,
  TrialCancelledError,
} from '@factory/engines';
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { estimateSeconds, roughRowsPerSecond } from '../plan-trials';
import type { TrialData } from '../trial-data';
import { failedTrial, type TrialOutcome } from '../trial-outcome';
import { GroupStop } from './group-stop';
import { PlaceQueue } from './place-queue';
import { TrialThread } from './trial-thread';

export interface TrialPoolOptions extends EngineOptions {
  /** Number of trials at the same time, each on its own thread. Default: number of cores. */
  readonly workers?: number;
  readonly engine?: EngineName;
  /** The compiled `trial.worker`; by default the file next to the bundle. */
  readonly workerFile?: string;
  /** Most JavaScript heap of a thread in MiB. */
  readonly heapMb?: number;
  /**
   * Milliseconds after which the thread of a cancelled trial is ended if it has not stopped. Default 800: a second
   * in total.
   */
  readonly cancelGraceMs?: number;
}

export interface GroupOptions {
  readonly seed: string;
  readonly signal?: AbortSignal;
  /** Awaited before a trial starts, to record it for the case of a native crash. */
  readonly beforeTrial?: (trial: number) => Promise<void>;
  readonly onEpoch?: (trial: number, record: EpochRecord) => void;
  /** In the order of completion; awaited before anything else runs in the trial's slot. */
  readonly onOutcome?: (outcome: TrialOutcome) => Promise<void> | void;
  /** A trial is paused and may be resumed later; awaited like `onOutcome`. */
  readonly onPause?: (trial: number) => Promise<void> | void;
  /** Trials that run alone, without trials of any group. */
  readonly alone?: ReadonlySet<number>;
  /** Pause each trial after this epoch. Absent: train to the end. */
  readonly untilEpoch?: number;
  /** States to resume trials from, by trial number; the others start from the beginning. */
  readonly resumeFrom?: ReadonlyMap<number, PausedTrial>;
}

/** Trains the trials of a group. */
export interface TrialRunner {
  runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]>;
}

/** Worker threads that all groups of the process share, one trial each; of the waiting trials, the longest is next. */
export class TrialPool implements TrialRunner {
  private readonly threads: readonly TrialThread[];
  private readonly places: PlaceQueue<TrialThread>;
  private readonly cancelGraceMs: number;
  private closed = false;

  constructor(options: TrialPoolOptions = {}) {
    const {
      workers = availableParallelism(),
      engine = 'auto',
      workerFile = join(__dirname, 'trial.worker.cjs'),
      cancelGraceMs = 800,
      heapMb,
      nativeDir,
    } = options;
    const ofThread = { engine, workerFile, heapMb, nativeDir };
    this.threads = Array.from({ length: workers }, () => new TrialThread(ofThread));
    this.places = new PlaceQueue(this.threads);
    this.cancelGraceMs = cancelGraceMs;
  }

  /** Number of trials that could start now. */
  get freeWorkers(): number {
    return this.places.free;
  }

  /**
   * Starts every thread, so that a missing engine is detected at boot.
   *
   * @returns the engine's name
   * @throws FactoryError `engine-unavailable`
   */
  async start(): Promise<string> {
    const names = await Promise.all(this.threads.map((thread) => thread.start()));
    return names[0] ?? 'none';
  }

  /**
   * Trains every trial. A trial that fails, or whose thread dies, gets an outcome like any other; the
   * others continue.
   *
   * @param data from `buildTrialData`; shared with the threads, not copied
   * @returns outcomes in the order of `trials`; `paused` in those that `untilEpoch` ended
   * @throws TrialCancelledError after `signal` was aborted and no trial of the group is running any more
   * @throws the errors of `beforeTrial`, `onPause` or `onOutcome`; the rest of the group is then cancelled
   */
  async runGroup(data: TrialData, trials: readonly Trial[], options: GroupOptions): Promise<TrialOutcome[]> {
    const running = new Set<TrialThread>();
    const group = new GroupStop(options.signal, this.cancelGraceMs, () =>
      running.forEach((thread) => void thread.stop()),
    );
    setMaxListeners(trials.length, group.signal); // one per waiting trial
    try {
      const outcomes = trials.map(async (trial) => {
        try {
          return await this.places.use(
            {
              seconds: secondsLeft(data, trial, options),
              alone: options.alone?.has(trial.trial) ?? false,
              signal: group.signal,
            },
            async (thread) => {
              if (group.signal.aborted || this.closed) throw new TrialCancelledError();
              running.add(thread);
              try {
                await options.beforeTrial?.(trial.trial);
                return await this.runOne(thread, data, trial, group.cancel, options);
              } finally {
                running.delete(thread);
              }
            },
          );
        } catch (thrown) {
          group.stop();
          throw thrown;
        }
      });
      const settled = await Promise.allSettled(outcomes);
      const reasons = settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      if (reasons.length > 0) throw firstCause(reasons);
      return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    } finally {
      group.end();
    }
  }

  /** Ends all threads; trials in progress or waiting end as cancelled. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }

  private async runOne(
    thread: TrialThread,
    data: TrialData,
    trial: Trial,
    cancel: Int32Array,
    options: GroupOptions,
  ): Promise<TrialOutcome> {
    const { seed, untilEpoch, resumeFrom } = options;
    const number = trial.trial;
    const order = { data, trial, seed, cancel, untilEpoch, resumeFrom: resumeFrom?.get(number) };
    const outcome = await thread
      .run(order, (record) => options.onEpoch?.(number, record))
      .catch((thrown: unknown) => failedTrial(trial, thrown));
    await (outcome.paused ? options.onPause?.(number) : options.onOutcome?.(outcome));
    return outcome;
  }
}

/** Estimated duration of the requested part of a trial. */
function secondsLeft(
  data: TrialData,
  trial: Trial,
  { untilEpoch = Infinity, resumeFrom }: GroupOptions,
): number {
  const from = resumeFrom?.get(trial.trial)?.steps ?? 0;
  const speed = { trainRows: data.trainRows.length, rowsPerSecond: roughRowsPerSecond(data.width) };
  return estimateSeconds(trial, speed, Math.min(untilEpoch, mostSteps(trial)) - from);
}

/** What stopped the group, not the cancellations that followed from it. */
function firstCause(reasons: readonly unknown[]): unknown {
  return reasons.find((reason) => !(reason instanceof TrialCancelledError)) ?? reasons[0];
}
