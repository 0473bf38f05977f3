import { Runs, resolveRunId, type Change } from '@factory/ledger';
import type { FleetAccess } from '../fleet-access';
import { reopenedWork, type ReopenedWork } from './reopened-work';

export interface ResumedRun {
  readonly run: string;
  /** The work that it resumes from. */
  readonly events: readonly ReopenedWork[];
}

/**
 * Resumes a failed or cancelled run from the stage that was not done, with fresh attempts.
 *
 * @param run its id, or the first letters of it
 * @throws BadInputError `unknown-run`, `ambiguous-run`, and if the run cannot be resumed; ServerAwayError
 */
export async function resumeRun(
  { ledger, codeVersion, announce }: FleetAccess,
  run: string,
  change: Change,
): Promise<ResumedRun> {
  const id = await resolveRunId(ledger, run);
  const events = await new Runs(ledger, codeVersion).resume(id, change);
  await announce(events);
  return { run: id, events: events.map(reopenedWork) };
}
