/** One delivery as a handler sees it. The body is raw: the handler parses it (`parseMessage` of contracts). */
export interface JetStreamMessage {
  readonly data: Uint8Array;
  readonly subject: string;
  /** First value of each header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: string;
  readonly consumer: string;
  readonly streamSequence: number;
  /**
   * When the stream was created, ISO 8601: with the sequence it identifies a message even after the store was
   * lost.
   */
  readonly streamCreated: string;
  /** When the broker stored the message. */
  readonly storedAt: Date;
  /**
   * Deliveries so far, including this one. It also counts redeliveries after naks and outages: not a number of
   * attempts.
   */
  readonly deliveryCount: number;
  readonly redelivered: boolean;
  /** Aborted when the service stops and the time to finish is over: return `stopped` then. */
  readonly signal: AbortSignal;
  /** Tells the broker that work is in progress, so that it does not redeliver the message. */
  working(): void;
}
