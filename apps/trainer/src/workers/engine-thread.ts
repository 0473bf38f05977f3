import { FactoryError, messageOf } from '@factory/domain';
import { TrialCancelledError } from '@factory/engines';
import { Worker } from 'node:worker_threads';

export interface EngineThreadOptions {
  /** The compiled worker. */
  readonly workerFile: string;
  /** Its start parameters. */
  readonly settings: object;
  /** Most JavaScript heap of the thread in MiB; shared datasets are not in it. Absent: Node's default. */
  readonly heapMb?: number;
}

/** Replies common to all engine workers: `ready` once, `failed` at the start or for an order. */
export type EngineReply =
  | { readonly kind: 'ready'; readonly engine: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** One order in progress. */
interface Exchange<Reply> {
  readonly onReply: (reply: Reply | EngineReply) => void;
  readonly onEnd: (reason: string, cause?: unknown) => void;
}

type Lost = (reason: string, cause: unknown) => FactoryError;

/** A worker thread with an engine. It is started when needed, kept, and restarted after it died. */
export class EngineThread<Order, Reply extends { readonly kind: string }> {
  private worker: Worker | undefined;
  private engine: Promise<string> | undefined;
  private inHand: Exchange<Reply> | undefined;
  private stopping = false;

  /** @param lost creates the error for a thread that ends during its work */
  constructor(
    private readonly options: EngineThreadOptions,
    private readonly lost: Lost,
  ) {}

  /**
   * Starts the thread unless it is running.
   *
   * @returns the name of the engine it found
   * @throws FactoryError `engine-unavailable`, or the error from `lost` if the thread ends immediately
   */
  start(): Promise<string> {
    this.engine ??= this.spawn();
    return this.engine;
  }

  /**
   * Sends an order; one at a time.
   *
   * @param onReply receives replies until it calls `resolve`
   * @param lost creates the error if the thread ends first
   * @throws FactoryError with the worker's own code if it reports a failure
   */
  async run<T>(
    order: Order,
    onReply: (reply: Reply, resolve: (result: T) => void) => void,
    lost: Lost = this.lost,
  ): Promise<T> {
    await this.start();
    try {
      return await new Promise<T>((resolve, reject) => {
        this.inHand = {
          onReply: (reply) => {
            if (isFailure(reply)) reject(errorOf(reply));
            else onReply(reply as Reply, resolve);
          },
          onEnd: (reason, cause) => reject(this.whyLost(lost, reason, cause)),
        };
        if (this.worker) this.worker.postMessage(order);
        else this.inHand.onEnd('before the trial could start');
      });
    } finally {
      this.inHand = undefined;
    }
  }

  /** Ends the thread now; work in progress ends as cancelled. The next `start` creates a new one. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.worker?.terminate();
    this.stopping = false;
  }

  private whyLost(lost: Lost, reason: string, cause: unknown): FactoryError {
    return this.stopping ? new TrialCancelledError() : lost(reason, cause);
  }

  private spawn(): Promise<string> {
    const { workerFile, settings, heapMb } = this.options;
    const worker = new Worker(workerFile, {
      workerData: settings,
      ...(heapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
    });
    this.worker = worker;
    return new Promise((resolve, reject) => {
      let lastError: unknown;
      this.inHand = {
        onReply: (reply) => {
          if (isReady(reply)) resolve(reply.engine);
          if (isFailure(reply)) {
            reject(errorOf(reply));
            void worker.terminate();
          }
        },
        onEnd: (reason, cause) => reject(this.whyLost(this.lost, reason, cause)),
      };
      worker.on('message', (reply: Reply | EngineReply) => this.inHand?.onReply(reply));
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

type Failure = Extract<EngineReply, { readonly kind: 'failed' }>;

function isReady(reply: {
  readonly kind: string;
}): reply is Extract<EngineReply, { readonly kind: 'ready' }> {
  return reply.kind === 'ready';
}

function isFailure(reply: { readonly kind: string }): reply is Failure {
  return reply.kind === 'failed';
}

function errorOf({ code, message }: Failure): FactoryError {
  if (code === 'trial-cancelled') return new TrialCancelledError();
  return new FactoryError(code, message, false);
}
