import { type EpochRecord, TrialWorkerLostError } from '@factory/engines';
import type { TrialOutcome } from '../trial-outcome';
import { EngineThread } from './engine-thread';
import type { TrialOrder, TrialReply, TrialWorkerSettings } from './trial-messages';

export interface TrialThreadOptions extends TrialWorkerSettings {
  /** The compiled `trial.worker`. */
  readonly workerFile: string;
  /** Most JavaScript heap of the thread in MiB; shared datasets are not in it. Absent: Node's default. */
  readonly heapMb?: number;
}

/** One slot with a worker thread that trains one trial at a time. */
export class TrialThread {
  private readonly thread: EngineThread<TrialOrder, TrialReply>;

  constructor({ workerFile, heapMb, ...settings }: TrialThreadOptions) {
    this.thread = new EngineThread({ workerFile, settings, heapMb }, lost(0));
  }

  /**
   * Starts the thread unless it is running.
   *
   * @returns the name of the engine it found
   * @throws FactoryError `engine-unavailable`; TrialWorkerLostError if the thread ends immediately
   */
  start(): Promise<string> {
    return this.thread.start();
  }

  /**
   * Trains one trial; one at a time.
   *
   * @throws TrialWorkerLostError if the thread ends first; FactoryError with the trial's own code if it fails
   */
  run(order: TrialOrder, onEpoch: (record: EpochRecord) => void): Promise<TrialOutcome> {
    return this.thread.run<TrialOutcome>(
      order,
      (reply, resolve) => {
        if (reply.kind === 'epoch') onEpoch(reply.record);
        if (reply.kind === 'done') resolve(reply.outcome);
      },
      lost(order.trial.trial),
    );
  }

  /** Ends the thread now; a trial in progress ends as cancelled. The next `start` creates a new one. */
  stop(): Promise<void> {
    return this.thread.stop();
  }
}

function lost(trial: number) {
  return (reason: string, cause: unknown) => new TrialWorkerLostError(trial, reason, { cause });
}
