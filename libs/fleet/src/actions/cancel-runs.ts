import { BadInputError } from '@factory/domain';
import { Requests, Runs, resolveRunId, type Change, type StoredEvent } from '@factory/ledger';
import type { FleetAccess } from '../fleet-access';

export interface CancelledRun {
  readonly run: string;
  readonly result: 'cancelled' | 'had-ended';
}

/**
 * Ends a run as cancelled; its workers stop within a second.
 *
 * @param run its id, or the first letters of it
 * @throws BadInputError `unknown-run`, `ambiguous-run`; ServerAwayError
 */
export async function cancelRun(access: FleetAccess, run: string, change: Change): Promise<CancelledRun[]> {
  return cancelRuns(access, [await resolveRunId(access.ledger, run)], change);
}

/** Ends all runs that answer a request. @throws BadInputError `unknown-request`; ServerAwayError */
export async function cancelRequest(
  access: FleetAccess,
  request: string,
  change: Change,
): Promise<CancelledRun[]> {
  const answers = await new Requests(access.ledger, access.codeVersion).answers(request);
  if (!answers)
    throw new BadInputError('unknown-request', {
      field: 'request',
      value: request,
      todo: 'give the id that `factory retrain` printed, after data-prep has accepted the request',
    });
  return cancelRuns(
    access,
    answers.map((answer) => answer.run),
    change,
  );
}

async function cancelRuns(
  { ledger, codeVersion, announce }: FleetAccess,
  ids: readonly string[],
  change: Change,
): Promise<CancelledRun[]> {
  const runs = new Runs(ledger, codeVersion);
  const results: CancelledRun[] = [];
  const events: StoredEvent[] = [];
  for (const run of ids) {
    const ended = await runs.cancel(run, change);
    events.push(...ended);
    results.push({ run, result: ended.length > 0 ? 'cancelled' : 'had-ended' });
  }
  const stopped = results.filter(({ result }) => result === 'cancelled').map(({ run }) => run);
  await announce(events, stopped);
  return results;
}
