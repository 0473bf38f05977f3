import { Worker } from 'node:worker_threads';
import { FactoryError, messageOf } from '@factory/domain';
import type { EpochRecord } from '../engines/training-engine';
import type { TrialOutcome } from '../run-trial';
import { TrialCancelledError, TrialWorkerLostError } from '../training-errors';
import type { TrialOrder, TrialReply, TrialWorkerSettings } from './trial-messages';

export interface TrialThreadOptions extends TrialWorkerSettings {
  /** The compiled `trial.worker`. */
  readonly workerFile: string;
  /** Most JavaScript heap of the thread in MiB; shared datasets are not in it. Absent: Node's default. */
  readonly heapMb?: number;
}

interface InHand {
  readonly onReply: (reply: TrialReply) => void;
  readonly onEnd: (reason: string, cause?: unknown) => void;
}

/** One place for a worker thread. The thread is started when needed, kept, and started anew after it died. */
export class TrialThread {
  private worker: Worker | undefined;
  private engine: Promise<string> | undefined;
  private inHand: InHand | undefined;
  private stopping = false;

  constructor(private readonly options: TrialThreadOptions) {}

  /**
   * Starts the thread unless it runs.
   *
   * @returns the name of the engine it found
   * @throws FactoryError `engine-unavailable`; TrialWorkerLostError when the thread ends at once
   */
  start(): Promise<string> {
    this.engine ??= this.spawn();
    return this.engine;
  }

  /**
   * Trains one trial; one at a time.
   *
   * @throws TrialWorkerLostError when the thread ends first; FactoryError with the trial's own code when it fails
   */
  async run(order: TrialOrder, onEpoch: (record: EpochRecord) => void): Promise<TrialOutcome> {
    await this.start();
    const { trial } = order.combination;
    try {
      return await new Promise((resolve, reject) => {
        this.inHand = {
          onReply: (reply) => {
            if (reply.kind === 'epoch') onEpoch(reply.record);
            if (reply.kind === 'done') resolve(reply.outcome);
            if (reply.kind === 'failed') reject(errorOf(reply));
          },
          onEnd: (reason, cause) => reject(this.lost(trial, reason, cause)),
        };
        if (this.worker) this.worker.postMessage(order);
        else this.inHand.onEnd('before the trial could start');
      });
    } finally {
      this.inHand = undefined;
    }
  }

  /** Ends the thread now; a trial in hand ends as cancelled. The next `start` makes a new one. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.worker?.terminate();
    this.stopping = false;
  }

  private lost(trial: number, reason: string, cause: unknown): FactoryError {
    return this.stopping ? new TrialCancelledError() : new TrialWorkerLostError(trial, reason, { cause });
  }

  private spawn(): Promise<string> {
    const { workerFile, engine, heapMb } = this.options;
    const settings: TrialWorkerSettings = { engine };
    const worker = new Worker(workerFile, {
      workerData: settings,
      ...(heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
    });
    this.worker = worker;
    return new Promise((resolve, reject) => {
      let lastError: unknown;
      this.inHand = {
        onReply: (reply) => {
          if (reply.kind === 'ready') resolve(reply.engine);
          if (reply.kind === 'failed') {
            reject(errorOf(reply));
            void worker.terminate();
          }
        },
        onEnd: (reason, cause) => reject(this.lost(0, reason, cause)),
      };
      worker.on('message', (reply: TrialReply) => this.inHand?.onReply(reply));
      worker.on('error', (thrown) => (lastError = thrown));
      worker.on('exit', (code) => {
        this.worker = undefined;
        this.engine = undefined;
        const reason = lastError === undefined ? `exit code ${code}` : messageOf(lastError);
        this.inHand?.onEnd(reason, lastError);
      });
    });
  }
}

function errorOf(reply: { readonly code: string; readonly message: string }): FactoryError {
  if (reply.code === 'trial-cancelled') return new TrialCancelledError();
  return new FactoryError(reply.code, reply.message, false);
}
