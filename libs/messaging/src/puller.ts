import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { ACK_PREFIX, Delivery, parseReply } from './delivery';

/**
 * `nothing`: the wait is over. `lost`: the consumer or the broker became unavailable and must be looked up
 * again.
 */
export type Pulled = Delivery | 'nothing' | 'lost';

export interface PullOptions {
  /** Maximum wait for a message; 0 = answer immediately. */
  readonly waitMs: number;
}

const HEARTBEAT_MS = 5_000;
const GRACE_MS = 2_000;
const STATUS = { heartbeat: 100, nothing: 404, expired: 408 } as const;
const NANOS_PER_MS = 1_000_000;

/**
 * Pulls one message at a time from a consumer (NATS ADR-13). Unlike the client library's iterators it never
 * buffers a second message, and on `drain` it gives back messages in transit.
 */
export class Puller {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private waiting: { readonly resolve: (pulled: Pulled) => void; timer: NodeJS.Timeout } | null = null;
  private silenceMs = GRACE_MS;

  constructor(
    private readonly connection: NatsConnection,
    private readonly consumer: { readonly stream: string; readonly durable: string },
  ) {
    this.inbox = createInbox();
    this.subscription = connection.subscribe(this.inbox, {
      callback: (error, message) => {
        if (error) this.settle('lost');
        else this.onMessage(message);
      },
    });
  }

  /** Waits for one message. Only one call at a time. */
  pull({ waitMs }: PullOptions): Promise<Pulled> {
    if (this.connection.isClosed() || this.subscription.isClosed()) return Promise.resolve('lost');
    const beats = waitMs >= 2 * HEARTBEAT_MS;
    this.silenceMs = (beats ? 2 * HEARTBEAT_MS : waitMs) + GRACE_MS;
    const request = {
      batch: 1,
      ...(waitMs > 0 ? { expires: waitMs * NANOS_PER_MS } : { no_wait: true }),
      ...(beats ? { idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS } : {}),
    };
    return new Promise((resolve) => {
      this.waiting = { resolve, timer: this.silenceTimer() };
      const { stream, durable } = this.consumer;
      try {
        this.connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`, JSON.stringify(request), {
          reply: this.inbox,
        });
      } catch {
        // Closed or draining in the meantime.
        this.settle('lost');
      }
    });
  }

  /** Ends the wait in progress, if any: the consumer must be looked up again. */
  lose(): void {
    this.settle('lost');
  }

  /** Stops pulling; a message that the broker sent in the meantime is given back immediately. */
  async drain(): Promise<void> {
    this.settle('nothing');
    if (this.connection.isClosed() || this.subscription.isClosed() || this.subscription.isDraining()) return;
    await this.subscription.drain().catch(() => undefined);
  }

  private onMessage(message: Msg): void {
    const info = parseReply(message.reply);
    if (info) {
      const delivery = new Delivery(message, info);
      if (!this.settle(delivery)) delivery.nak(0);
      return;
    }
    const code = statusOf(message);
    // Not from the broker: the sender only knows the inbox.
    if (code === null || message.reply?.startsWith(ACK_PREFIX)) return;
    if (code === STATUS.heartbeat) this.stillThere();
    else this.settle(code === STATUS.nothing || code === STATUS.expired ? 'nothing' : 'lost');
  }

  private stillThere(): void {
    if (!this.waiting) return;
    clearTimeout(this.waiting.timer);
    this.waiting.timer = this.silenceTimer();
  }

  private silenceTimer(): NodeJS.Timeout {
    return setTimeout(() => this.settle('lost'), this.silenceMs);
  }

  private settle(pulled: Pulled): boolean {
    const waiting = this.waiting;
    if (!waiting) return false;
    this.waiting = null;
    clearTimeout(waiting.timer);
    waiting.resolve(pulled);
    return true;
  }
}

/**
 * The broker's status of a pull; null for any other message, or an unreadable one. Throwing here would stop the
 * connection from reading.
 */
function statusOf(message: Msg): number | null {
  try {
    return message.headers?.code || null;
  } catch {
    return null;
  }
}
