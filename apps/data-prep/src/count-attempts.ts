import { FactoryError, ServerAwayError } from '@factory/domain';
import { MAX_ATTEMPTS, type RequestAttempts } from '@factory/ledger';
import { outcomeOfError, type HandlerOutcome } from '@factory/messaging';

const RETRY_MS = 500;

/**
 * Handles a request with the same attempts as all work (rules R13): counted in the ledger, only if it ended
 * with an error or with its process; before a sixth attempt it becomes a dead letter. A permanent error, an
 * unavailable source or server, and the end of the service use no attempt.
 *
 * @param place identifies the message: `<stream created>:<stream sequence>`
 */
export async function countAttempts(
  attempts: Pick<RequestAttempts, 'begin' | 'failed' | 'giveBack' | 'settled'>,
  place: string,
  stopping: AbortSignal,
  work: () => Promise<HandlerOutcome>,
): Promise<HandlerOutcome> {
  const { attempt, lastError } = await attempts.begin(place);
  if (attempt > MAX_ATTEMPTS)
    return { kind: 'exhausted', attempt: MAX_ATTEMPTS, error: lastError ?? endedItsProcess() };
  let outcome: HandlerOutcome;
  try {
    outcome = await work();
  } catch (thrown) {
    outcome = outcomeOfError(thrown, attempt);
  }
  return whenBack(stopping, () => count(attempts, place, attempt, outcome));
}

async function count(
  attempts: Pick<RequestAttempts, 'failed' | 'giveBack' | 'settled'>,
  place: string,
  attempt: number,
  outcome: HandlerOutcome,
): Promise<HandlerOutcome> {
  switch (outcome.kind) {
    case 'done':
    case 'repeated':
    case 'ended':
    case 'invalid':
      await attempts.settled(place);
      return outcome;
    case 'retry': {
      await attempts.failed(place, outcome.error);
      const { error } = outcome;
      return attempt < MAX_ATTEMPTS
        ? { kind: 'retry', attempt, error }
        : { kind: 'exhausted', attempt, error };
    }
    default:
      await attempts.giveBack(place);
      return outcome;
  }
}

/** The message stays unacknowledged until the count is correct: an outage of the ledger must not use attempts. */
async function whenBack<T>(stopping: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServerAwayError) || stopping.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function endedItsProcess(): FactoryError {
  return new FactoryError(
    'attempts-exhausted',
    `the request was given up after ${MAX_ATTEMPTS} attempts, each of which crashed its process: see the logs of data-prep`,
    true,
  );
}
