import type { ConsumerDefinition } from '@factory/contracts';
import { messageOf } from '@factory/domain';
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isJetStreamOff } from './broker-fault';

export interface BoundConsumerOptions {
  readonly rebindMs: number;
  /** Aborted when the service stops: the lookups end. */
  readonly stopped: AbortSignal;
  readonly log: (text: string) => void;
}

/**
 * A durable consumer that is created elsewhere (`factory provision`): looked up, lost with the broker's store,
 * looked up again. It is never created here, so a typo cannot create a second queue.
 */
export class BoundConsumer {
  private created: string | null = null;
  private looking: Promise<string | null> | null = null;
  private told = '';

  constructor(
    private readonly connection: NatsConnection,
    readonly definition: ConsumerDefinition,
    private readonly options: BoundConsumerOptions,
  ) {}

  /** When the stream was created, ISO 8601; null while the consumer does not exist. */
  get streamCreated(): string | null {
    return this.created;
  }

  /** Waits until the consumer exists and returns when its stream was created; null when the service stops. */
  whenBound(): Promise<string | null> {
    if (this.created) return Promise.resolve(this.created);
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  /** What is known of the consumer is outdated: look it up before the next pull. */
  unbind(): void {
    this.created = null;
  }

  private async look(): Promise<string | null> {
    while (!this.options.stopped.aborted) {
      try {
        this.created = await this.find();
        if (this.told) this.tell(`bound to consumer ${this.name}`);
        this.told = '';
        return this.created;
      } catch (thrown) {
        const problem = this.describe(thrown);
        if (problem !== this.told) this.tell(problem);
        this.told = problem;
        await pause(this.options.rebindMs, this.options.stopped);
      }
    }
    return null;
  }

  private async find(): Promise<string> {
    const { stream, durable } = this.definition;
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    const { created } = await manager.streams.info(stream);
    await manager.consumers.info(stream, durable);
    return created;
  }

  private describe(thrown: unknown): string {
    const missing =
      thrown instanceof JetStreamApiError &&
      (thrown.code === JetStreamApiCodes.StreamNotFound ||
        thrown.code === JetStreamApiCodes.ConsumerNotFound);
    if (isJetStreamOff(thrown))
      return `consumer ${this.name} cannot be looked up: the broker has no JetStream. Start nats-server with -js`;
    return missing
      ? `consumer ${this.name} does not exist (${messageOf(thrown)}): run \`factory provision\``
      : `consumer ${this.name} cannot be looked up (${messageOf(thrown)}): waiting for the broker`;
  }

  private get name(): string {
    return `${this.definition.durable} of stream ${this.definition.stream}`;
  }

  private tell(text: string): void {
    this.options.log(text);
  }
}

/** Sleeps, or returns early when aborted. */
export function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopped.addEventListener('abort', done);
  });
}
