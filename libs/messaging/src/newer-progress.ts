import { progressMessage, stageOfSubject, type ProgressMessage } from '@factory/contracts';
import type { JetStreamMessage } from './jetstream-message';

/** What whoever watches a run is told while only a service of a later release can go on with it. */
export const WAITS_FOR_UPGRADE = 'waits for a service of a later release';

/**
 * The progress of the run that a message of a later release is about.
 *
 * @returns undefined where the message names no run in a form that is known here: a later release may do so
 */
export function progressOfNewer(
  { subject, data }: Pick<JetStreamMessage, 'subject' | 'data'>,
  at: Date,
): ProgressMessage | undefined {
  const read = progressMessage.safeParse({
    run: runOf(data),
    stage: stageOfSubject(subject),
    at: at.toISOString(),
    doing: WAITS_FOR_UPGRADE,
  });
  return read.success ? read.data : undefined;
}

function runOf(data: Uint8Array): unknown {
  try {
    return (JSON.parse(new TextDecoder().decode(data)) as { run?: unknown } | null)?.run;
  } catch {
    return undefined;
  }
}
