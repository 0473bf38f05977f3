import type { StoredEvent } from '@factory/ledger';

/** Reopened work: the event that triggers its stage, with a new generation. */
export type ReopenedWork = Pick<StoredEvent, 'event' | 'shard' | 'generation'>;

/** The fields of a reopened event that people are shown. */
export function reopenedWork({ event, shard, generation }: StoredEvent): ReopenedWork {
  return { event, shard, generation };
}
