import type { StoredEvent } from '@factory/ledger';

/** Work that is asked for again: the event that its stage waits for, under a new generation. */
export type ReopenedWork = Pick<StoredEvent, 'event' | 'shard' | 'generation'>;

/** What a person is shown of an event that asks for work again. */
export function reopenedWork({ event, shard, generation }: StoredEvent): ReopenedWork {
  return { event, shard, generation };
}
