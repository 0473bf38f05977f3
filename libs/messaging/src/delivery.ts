import type { Msg } from '@nats-io/transport-node';
import { valuesOf } from './event-publisher';
import type { JetStreamMessage } from './jetstream-message';

const ACK_PREFIX = '$JS.ACK.';

/** What a message's reply subject says about its delivery (NATS ADR-15). */
export interface DeliveryInfo {
  readonly stream: string;
  readonly consumer: string;
  readonly deliveryCount: number;
  readonly streamSequence: number;
  readonly storedAt: Date;
}

/** Reads `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<count>.<sequence>.<..>.<nanos>.<pending>`; null for anything else. */
export function parseReply(reply: string | undefined): DeliveryInfo | null {
  if (!reply?.startsWith(ACK_PREFIX)) return null;
  const tokens = reply.slice(ACK_PREFIX.length).split('.');
  const [stream, consumer, count, sequence, , nanos] = tokens.length > 7 ? tokens.slice(2) : tokens;
  if (!stream || !consumer || !nanos) return null;
  return {
    stream,
    consumer,
    deliveryCount: Number(count),
    streamSequence: Number(sequence),
    storedAt: new Date(Number(BigInt(nanos) / 1_000_000n)),
  };
}

/** One delivered message and the answers that the broker understands. Only the first final answer counts. */
export class Delivery {
  private answered = false;

  constructor(
    private readonly raw: Msg,
    readonly info: DeliveryInfo,
  ) {}

  get isAnswered(): boolean {
    return this.answered;
  }

  ack(): void {
    this.answer('+ACK');
  }

  /** Asks for another delivery, after `delayMs`. */
  nak(delayMs: number): void {
    this.answer(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: delayMs * 1_000_000 })}` : '-NAK');
  }

  /** Ends deliveries of the message. */
  term(reason: string): void {
    this.answer(`+TERM ${reason}`);
  }

  /** Restarts the ack wait. */
  working(): void {
    if (!this.answered) this.raw.respond('+WPI');
  }

  /** The handler's view. */
  asMessage(streamCreated: string, signal: AbortSignal): JetStreamMessage {
    const { stream, consumer, deliveryCount, streamSequence, storedAt } = this.info;
    return {
      data: this.raw.data,
      subject: this.raw.subject,
      headers: valuesOf(this.raw.headers),
      stream,
      consumer,
      streamSequence,
      streamCreated,
      storedAt,
      deliveryCount,
      redelivered: deliveryCount > 1,
      signal,
      working: () => this.working(),
    };
  }

  private answer(verb: string): void {
    if (this.answered) return;
    this.answered = true;
    this.raw.respond(verb);
  }
}
