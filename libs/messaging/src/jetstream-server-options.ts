import type { ConsumerDefinition } from '@factory/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DeadLetters } from './dead-letters';
import type { HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import type { PullGate } from './pull-gate';
import type { Settlement } from './settlement';
import type { Slots } from './slots';

/** A durable consumer, the handler of its messages, and how many may be in progress. */
export interface Binding {
  readonly consumer: ConsumerDefinition;
  /** The pattern of the handler: `@OnConsumer(pattern)`. */
  readonly pattern: string;
  /** Bindings with the same object share its slots. */
  readonly slots: Slots;
}

/** A delivery after it was settled. */
export interface SettledDelivery {
  readonly binding: Binding;
  readonly message: JetStreamMessage;
  readonly outcome: HandlerOutcome;
  /** What the broker was told: `term` only if the dead letter was stored. */
  readonly settlement: Settlement;
  /**
   * For a message that was given up: stored now, stored before (the last answer was lost), or refused with this
   * code.
   */
  readonly deadLetter?: 'kept' | 'repeated' | { readonly notKept: string };
  /** From delivery to settlement. */
  readonly seconds: number;
}

export interface JetStreamServerOptions {
  /** Connected; the caller closes it. */
  readonly connection: NatsConnection;
  readonly bindings: readonly Binding[];
  readonly gate: PullGate;
  readonly deadLetters: DeadLetters;
  /** Maximum time for handlers to finish when the server closes, milliseconds; then their signal is aborted. */
  readonly finishMs?: number;
  /** Maximum time for handlers after that to give their work back, milliseconds. */
  readonly giveBackMs?: number;
  /** Interval of `working()` while a handler runs, milliseconds; must be well below the consumers' ack wait. */
  readonly heartbeatMs?: number;
  /** Interval between attempts to bind to a consumer that does not exist, milliseconds. */
  readonly rebindMs?: number;
  /** Maximum wait of one pull, milliseconds. */
  readonly pullMs?: number;
  /** For metrics. */
  readonly onSettled?: (settled: SettledDelivery) => void;
  readonly now?: () => number;
}
