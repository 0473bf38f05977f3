import type { BadInputError } from '@factory/domain';
import type { Msg } from '@nats-io/transport-node';
import type { JetStreamMessage } from './jetstream-message';
import { headersOfMessage } from './message-headers';

export const ACK_PREFIX = '$JS.ACK.';
const NUMBER = /^\d{1,20}$/;
const LONGEST_TERM = 200;

/** What a message's reply subject contains about its delivery (NATS ADR-15). */
export interface DeliveryInfo {
  readonly stream: string;
  readonly consumer: string;
  readonly deliveryCount: number;
  readonly streamSequence: number;
  readonly storedAt: Date;
}

/**
 * Parses `$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<count>.<sequence>.<..>.<nanos>.<pending>`; null for
 * anything else.
 */
export function parseReply(reply: string | undefined): DeliveryInfo | null {
  if (!reply?.startsWith(ACK_PREFIX)) return null;
  const tokens = reply.slice(ACK_PREFIX.length).split('.');
  const [stream, consumer, count, sequence, , nanos] = tokens.length > 7 ? tokens.slice(2) : tokens;
  if (!stream || !consumer) return null;
  if (![count, sequence, nanos].every((one) => one !== undefined && NUMBER.test(one))) return null;
  return {
    stream,
    consumer,
    deliveryCount: Number(count),
    streamSequence: Number(sequence),
    storedAt: new Date(Number(BigInt(nanos as string) / 1_000_000n)),
  };
}

/** A decoded delivery: `fault` names what could not be read. */
export interface OpenedDelivery {
  readonly message: JetStreamMessage;
  readonly fault: BadInputError | null;
}

/**
 * One delivered message and the answers that the broker accepts. Only the first final answer counts. No method
 * throws: an answer that cannot be sent (closed connection) is lost, and the broker redelivers.
 */
export class Delivery {
  private answered = false;

  constructor(
    private readonly raw: Msg,
    readonly info: DeliveryInfo,
  ) {}

  get isAnswered(): boolean {
    return this.answered;
  }

  /** @returns whether it was sent */
  ack(): boolean {
    return this.answer('+ACK');
  }

  /** Requests redelivery after `delayMs`. @returns whether it was sent */
  nak(delayMs: number): boolean {
    return this.answer(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: delayMs * 1_000_000 })}` : '-NAK');
  }

  /** Stops redelivery of the message. @returns whether it was sent */
  term(reason: string): boolean {
    return this.answer(`+TERM ${reason.slice(0, LONGEST_TERM)}`);
  }

  /** Restarts the ack wait. @returns whether it was sent */
  working(): boolean {
    return this.answered || this.send('+WPI');
  }

  /** The message as the handler sees it: deliveries are decoded only here, whatever their bytes. */
  open(streamCreated: string, signal: AbortSignal): OpenedDelivery {
    const { stream, consumer, deliveryCount, streamSequence, storedAt } = this.info;
    const { values, fault } = headersOfMessage(this.raw);
    const message: JetStreamMessage = {
      data: this.raw.data,
      subject: this.raw.subject,
      headers: values,
      stream,
      consumer,
      streamSequence,
      streamCreated,
      storedAt,
      deliveryCount,
      redelivered: deliveryCount > 1,
      signal,
      working: () => void this.working(),
    };
    return { message, fault };
  }

  private answer(verb: string): boolean {
    if (this.answered) return true;
    this.answered = true;
    return this.send(verb);
  }

  private send(verb: string): boolean {
    try {
      return this.raw.respond(verb);
    } catch {
      return false;
    }
  }
}
