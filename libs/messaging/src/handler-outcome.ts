import {
  FactoryError,
  ServerAwayError,
  SourceAwayError,
  SourceWaitError,
  isOfNewerRelease,
  messageOf,
} from '@factory/domain';
import { isBrokerAway } from './broker-connection';

/** What came of one delivery. The only thing a handler tells the broker's side; see `settle`. */
export type HandlerOutcome =
  /** The work is done, committed and its events published. */
  | { readonly kind: 'done' }
  /** It was done before: its stored output has been published again. */
  | { readonly kind: 'repeated' }
  /** Another worker holds the lease. */
  | { readonly kind: 'busy' }
  /** It failed and is to be tried again; `attempt` (from 1) is the ledger's count, not the broker's. */
  | { readonly kind: 'retry'; readonly attempt: number; readonly error: unknown }
  /** A server cannot be reached: no attempt was used, pulling pauses until it is back. */
  | { readonly kind: 'unavailable'; readonly error: unknown }
  /** The source that it reads cannot be asked now: no attempt was used, everything else goes on. */
  | { readonly kind: 'waiting'; readonly delayMs: number; readonly error: unknown }
  /** It is of a later release, or needs a file of one: a service that can read it is to get it. No attempt was used. */
  | { readonly kind: 'newer'; readonly deliveryCount: number; readonly error: unknown }
  /** The last attempt failed. */
  | { readonly kind: 'exhausted'; readonly attempt: number; readonly error: unknown }
  /** The message itself is wrong: it would be as wrong next time. */
  | { readonly kind: 'invalid'; readonly error: unknown }
  /** The run is over or cancelled: nothing is left to do. */
  | { readonly kind: 'ended' }
  /** The service is stopping: the work is given back untouched. */
  | { readonly kind: 'stopped' };

/** For whoever does not know when the source will be asked again. */
const SOURCE_DELAY_MS = 5_000;

/**
 * The outcome of a handler that threw instead of returning one.
 *
 * @param deliveryCount the broker's count, which only paces the redelivery: attempts are the ledger's
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
