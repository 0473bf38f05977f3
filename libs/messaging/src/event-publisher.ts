import { jetstream, jetstreamManager, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { brokerAway, isBrokerAway } from './broker-connection';
import { headersOf } from './message-headers';

export interface PublishOptions {
  /** The stream that must store it: a typo in a subject is refused instead of stored elsewhere. */
  readonly stream: string;
  /** JetStream stores only the first message of an id (within the stream's duplicate window). */
  readonly messageId: string;
  /** Further headers, such as `traceparent`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where JetStream stored a message. */
export interface Published {
  readonly stream: string;
  readonly sequence: number;
  /** The id had been stored before; `sequence` is that of the first message. */
  readonly duplicate: boolean;
}

/** What a stage needs of the broker to pass on its result. */
export interface EventPublisher {
  /**
   * @throws ServerAwayError `broker-away` without a confirmation in time; publishing the same id again is safe
   */
  publish(subject: string, body: unknown, options: PublishOptions): Promise<Published>;
  /** When the stream was created, ISO 8601: sequences can only be compared within one creation. */
  streamCreated(stream: string): Promise<string>;
}

const STREAM_CREATED_TTL_MS = 10_000;

/** Publishes to JetStream and waits until the broker has stored the message. */
export class JetStreamPublisher implements EventPublisher {
  private readonly client: JetStreamClient;
  private readonly created = new Map<string, { at: number; created: string }>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: { readonly timeoutMs?: number; readonly now?: () => number } = {},
  ) {
    this.client = jetstream(connection);
  }

  async publish(subject: string, body: unknown, options: PublishOptions): Promise<Published> {
    return this.whileThere(async () => {
      const ack = await this.client.publish(subject, JSON.stringify(body), {
        msgID: options.messageId,
        timeout: this.options.timeoutMs ?? 5_000,
        expect: { streamName: options.stream },
        headers: headersOf(options.headers ?? {}),
      });
      return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate };
    });
  }

  async streamCreated(stream: string): Promise<string> {
    const now = (this.options.now ?? Date.now)();
    const known = this.created.get(stream);
    if (known && now - known.at < STREAM_CREATED_TTL_MS) return known.created;
    return this.whileThere(async () => {
      const manager = await jetstreamManager(this.connection, { checkAPI: false });
      const { created } = await manager.streams.info(stream);
      this.created.set(stream, { at: now, created });
      return created;
    });
  }

  private async whileThere<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (isBrokerAway(cause)) throw brokerAway(cause);
      throw cause;
    }
  }
}
