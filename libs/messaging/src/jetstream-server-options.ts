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
  /** What the handler is marked with: `@OnConsumer(pattern)`. */
  readonly pattern: string;
  /** Bindings that share the object share the slots. */
  readonly slots: Slots;
}

/** One delivery after it was settled. */
export interface SettledDelivery {
  readonly binding: Binding;
  readonly message: JetStreamMessage;
  readonly outcome: HandlerOutcome;
  /** What the broker was told: `term` only where the dead letter was kept. */
  readonly settlement: Settlement;
  /** Of a message given up: stored just now, stored before (the last answer was lost), or refused with this code. */
  readonly deadLetter?: 'kept' | 'repeated' | { readonly notKept: string };
  /** From delivery to settlement. */
  readonly seconds: number;
}

export interface JetStreamServerOptions {
  /** Connected, and closed by whoever connected it. */
  readonly connection: NatsConnection;
  readonly bindings: readonly Binding[];
  readonly gate: PullGate;
  readonly deadLetters: DeadLetters;
  /** Most time handlers get to finish once the server closes, milliseconds; then their signal is aborted. */
  readonly finishMs?: number;
  /** Most time handlers get after that to give their work back, milliseconds. */
  readonly giveBackMs?: number;
  /** Between two `working()` of a handler in progress, milliseconds; well below the consumers' ack wait. */
  readonly heartbeatMs?: number;
  /** Between two tries to bind to a consumer that is not there, milliseconds. */
  readonly rebindMs?: number;
  /** Longest wait of one pull, milliseconds. */
  readonly pullMs?: number;
  /** For metrics. */
  readonly onSettled?: (settled: SettledDelivery) => void;
  readonly now?: () => number;
}
