import { codeOf, messageOf } from '@factory/domain';
import type { HandlerOutcome } from './handler-outcome';

/** What the broker is told about a delivery. */
export type Settlement =
  | { readonly kind: 'ack' }
  /** Redeliver after `delayMs`; with `pause`, nothing else is pulled until the servers answer. */
  | { readonly kind: 'nak'; readonly delayMs: number; readonly pause: boolean }
  /** Never redeliver: the message is stored as a dead letter first. */
  | {
      readonly kind: 'term';
      readonly code: string;
      readonly reason: string;
      /** Attempts that were used; 0 for an unreadable message. */
      readonly attempts: number;
    };

/** Delay before attempt 2, 3, 4 and 5; the last one is repeated (rules R13). */
export const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 15_000] as const;
export const BUSY_DELAY_MS = 5_000;
export const UNAVAILABLE_DELAY_MS = 1_000;

/** Delay of a message that could not be stored as a dead letter, by delivery count: up to a minute. */
const KEEP_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

export function keepDelayMs(deliveryCount: number): number {
  return delayMs(KEEP_DELAYS_MS, deliveryCount);
}

/** Delay of a message of a later release, by delivery count; see `spread`. */
const NEWER_DELAYS_MS = [1_000, 1_000, 2_000, 2_000, 5_000, 10_000] as const;

/**
 * A random time between half and one and a half of the delay. The broker gives a message to the oldest waiting
 * pull, and each pull is renewed every half minute: a message redelivered in step with that would reach the
 * same slot again, which cannot read it, and never a service that can.
 */
function spread(delayMs: number, random: () => number): number {
  return Math.round(delayMs * (0.5 + random()));
}

/**
 * Maps every outcome to a settlement.
 *
 * @param random in [0, 1)
 */
export function settle(outcome: HandlerOutcome, random: () => number = Math.random): Settlement {
  switch (outcome.kind) {
    case 'done':
    case 'repeated':
    case 'ended':
      return { kind: 'ack' };
    case 'busy':
      return { kind: 'nak', delayMs: BUSY_DELAY_MS, pause: false };
    case 'retry':
      return { kind: 'nak', delayMs: delayMs(RETRY_DELAYS_MS, outcome.attempt), pause: false };
    case 'newer':
      return {
        kind: 'nak',
        delayMs: spread(delayMs(NEWER_DELAYS_MS, outcome.deliveryCount), random),
        pause: false,
      };
    case 'waiting':
      return { kind: 'nak', delayMs: outcome.delayMs, pause: false };
    case 'unavailable':
      return { kind: 'nak', delayMs: UNAVAILABLE_DELAY_MS, pause: true };
    case 'stopped':
      return { kind: 'nak', delayMs: 0, pause: false };
    case 'exhausted':
      return deadLetter(outcome.error, outcome.attempt);
    case 'invalid':
      return deadLetter(outcome.error, 0);
  }
}

/** The delay after delivery `count` (from 1); the last delay is repeated. */
function delayMs(delays: readonly [number, ...number[]], count: number): number {
  return delays[Math.min(Math.max(count, 1), delays.length) - 1] ?? delays[0];
}

function deadLetter(error: unknown, attempts: number): Settlement {
  return { kind: 'term', code: codeOf(error), reason: messageOf(error), attempts };
}
