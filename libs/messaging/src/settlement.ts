import { codeOf, messageOf } from '@factory/domain';
import type { HandlerOutcome } from './handler-outcome';

/** What the broker is told about a delivery. */
export type Settlement =
  | { readonly kind: 'ack' }
  /** Deliver again after `delayMs`; with `pause`, nothing else is pulled until the servers answer. */
  | { readonly kind: 'nak'; readonly delayMs: number; readonly pause: boolean }
  /** Never deliver again: the message goes to the dead letters first. */
  | {
      readonly kind: 'term';
      readonly code: string;
      readonly reason: string;
      /** Attempts that were used; 0 for a message that nobody could read. */
      readonly attempts: number;
    };

/** Delay before attempt 2, 3, 4 and 5; the last goes on for ever (rules R13). */
export const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 15_000] as const;
export const BUSY_DELAY_MS = 5_000;
export const UNAVAILABLE_DELAY_MS = 1_000;

/** Delay of a message that could not be kept as a dead letter, by how often it was delivered: up to a minute. */
const KEEP_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const;

export function keepDelayMs(deliveryCount: number): number {
  return delayMs(KEEP_DELAYS_MS, deliveryCount);
}

/**
 * Delay of a message of a later release, by how often it was delivered. Short at first, since services of both releases
 * share a queue while they are upgraded; long where nobody reads it yet, since the broker delivers what comes again
 * before what is new.
 */
const NEWER_DELAYS_MS = [1_000, 1_000, 2_000, 2_000, 5_000, 10_000, 20_000, 30_000] as const;

/** The one place where an outcome becomes a settlement. */
export function settle(outcome: HandlerOutcome): Settlement {
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
      return { kind: 'nak', delayMs: delayMs(NEWER_DELAYS_MS, outcome.deliveryCount), pause: false };
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

/** The delay before time `count` (from 1); the last goes on. */
function delayMs(delays: readonly [number, ...number[]], count: number): number {
  return delays[Math.min(Math.max(count, 1), delays.length) - 1] ?? delays[0];
}

function deadLetter(error: unknown, attempts: number): Settlement {
  return { kind: 'term', code: codeOf(error), reason: messageOf(error), attempts };
}
