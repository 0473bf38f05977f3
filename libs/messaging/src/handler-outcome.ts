import {
  FactoryError,
  ServerAwayError,
  SourceAwayError,
  SourceWaitError,
  isOfNewerRelease,
  messageOf,
} from '@factory/domain';
import { isBrokerAway } from './broker-connection';

/** The outcome of one delivery, which is all that a handler returns to the messaging layer; see `settle`. */
export type HandlerOutcome =
  /** The work is done, committed and its events published. */
  | { readonly kind: 'done' }
  /** It was done before: its stored output was published again. */
  | { readonly kind: 'repeated' }
  /** Another worker holds the lease. */
  | { readonly kind: 'busy' }
  /** It failed and is to be retried; `attempt` (from 1) is counted by the ledger, not by the broker. */
  | { readonly kind: 'retry'; readonly attempt: number; readonly error: unknown }
  /** A server cannot be reached: no attempt was used, pulling pauses until the server is back. */
  | { readonly kind: 'unavailable'; readonly error: unknown }
  /** The source that it reads is unavailable: no attempt was used, all other work goes on. */
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly error: unknown }
  /**
   * It is of a later release, or needs a file of one: it is left to a service that can read it. No attempt was
   * used.
   */
  | { readonly kind: 'newer'; readonly deliveryCount: number; readonly error: unknown }
  /** The last attempt failed. */
  | { readonly kind: 'exhausted'; readonly attempt: number; readonly error: unknown }
  /** The message itself is invalid: it would fail again. */
  | { readonly kind: 'invalid'; readonly error: unknown }
  /** The run is over or cancelled: there is nothing left to do. */
  | { readonly kind: 'ended' }
  /** The service is stopping: the work is given back unchanged. */
  | { readonly kind: 'stopped' };

/** Used if it is not known when the source will be tried again. */
const SOURCE_DELAY_MS = 5_000;

/**
 * The outcome of a handler that threw instead of returning one.
 *
 * @param deliveryCount the broker's count; it only sets the delay, attempts are counted by the ledger
 */
export function outcomeOfError(thrown: unknown, deliveryCount: number): HandlerOutcome {
  if (thrown instanceof SourceWaitError)
    return { kind: 'waiting', delayMs: thrown.retryAfterMs, error: thrown };
  if (thrown instanceof SourceAwayError) return { kind: 'waiting', delayMs: SOURCE_DELAY_MS, error: thrown };
  if (thrown instanceof ServerAwayError || isBrokerAway(thrown))
    return { kind: 'unavailable', error: thrown };
  if (isOfNewerRelease(thrown)) return { kind: 'newer', deliveryCount, error: thrown };
  if (thrown instanceof FactoryError && !thrown.retryable) return { kind: 'invalid', error: thrown };
  return { kind: 'retry', attempt: deliveryCount, error: asError(thrown) };
}

function asError(thrown: unknown): unknown {
  if (thrown instanceof Error) return thrown;
  const text =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown ? thrown.message : messageOf(thrown);
  return new Error(String(text), { cause: thrown });
}
