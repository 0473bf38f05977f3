import type { DataSource } from 'typeorm';
import { sqlOf } from '../database/transaction';
import { eventFromRow, type StoredEvent } from './event-drafts';

/** The position of a published event. */
export interface StreamPlace {
  readonly sequence: number;
  /** When the stream was created, as reported by the broker. */
  readonly streamCreated: string;
}

const UNPUBLISHED = `
  SELECT run_id, event, shard, generation, subject, body FROM factory_event
   WHERE run_id = ? AND stream_sequence IS NULL`;

const MARK_PUBLISHED = `
  UPDATE factory_event SET stream_sequence = ?, stream_created = ?, touched_at = UTC_TIMESTAMP(6)
   WHERE run_id = ? AND event = ? AND shard = ? AND generation = ?`;

const RAISE_GENERATION = `
  UPDATE factory_event SET generation = generation + 1, stream_sequence = NULL, touched_at = UTC_TIMESTAMP(6)
   WHERE run_id = ? AND event = ? AND shard = ? AND generation = ?`;

/** Which events were published, and their positions in the stream. */
export class EventLog {
  constructor(private readonly dataSource: DataSource) {}

  /** Events of a run that were committed but not yet published. */
  async unpublished(run: string): Promise<StoredEvent[]> {
    return (await sqlOf(this.dataSource).rows(UNPUBLISHED, [run])).map(eventFromRow);
  }

  async markPublished(event: StoredEvent, place: StreamPlace): Promise<void> {
    const { run, event: name, shard, generation } = event;
    await sqlOf(this.dataSource).change(MARK_PUBLISHED, [
      place.sequence,
      place.streamCreated,
      run,
      name,
      shard,
      generation,
    ]);
  }

  /**
   * Prepares an event for publishing again under a new message id.
   *
   * @returns the event with its new generation; undefined if another process has raised it meanwhile
   */
  async raiseGeneration(event: StoredEvent): Promise<StoredEvent | undefined> {
    const { run, event: name, shard, generation } = event;
    const changed = await sqlOf(this.dataSource).change(RAISE_GENERATION, [run, name, shard, generation]);
    if (changed === 0) return undefined;
    return {
      ...event,
      generation: generation + 1,
      messageId: event.messageId.replace(/\d+$/, String(generation + 1)),
    };
  }
}
