import {
  consumerOf,
  EVENTS,
  messageIdOf,
  subjectOf,
  versionOf,
  type ConsumingStage,
  type EventName,
} from '@factory/contracts';
import { FactoryError, type ModelKey } from '@factory/domain';
import { fromJson, type Row, type Sql, type SqlValue } from '../database/transaction';

/** An event that a commit wants published, together with the unit of work that it triggers. */
export interface EventDraft {
  readonly event: EventName;
  readonly shard: string;
  /** The fields of the event's schema without the header. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly pool?: string;
}

/** An event stored in the ledger, to be published. */
export interface StoredEvent {
  readonly run: string;
  readonly event: EventName;
  readonly shard: string;
  readonly generation: number;
  readonly subject: string;
  readonly body: unknown;
  readonly messageId: string;
}

/** Identifies a run: the header fields of all its messages. */
export interface RunHeader extends ModelKey {
  readonly run: string;
}

const EVENT_COLUMNS = 'run_id, event, shard, generation, subject, body, consumer, stage, touched_at';

/**
 * Completes a draft with the header of its run.
 *
 * @throws FactoryError `unreadable-event` when the consumers' schema refuses it: once committed, it would be
 * redelivered again and again to consumers that cannot read it
 */
export function storedEvent(header: RunHeader, draft: EventDraft): StoredEvent {
  const { run, source, product, goal } = header;
  const body = { v: versionOf(draft.event), run, source, product, goal, shard: draft.shard, ...draft.body };
  const readable = EVENTS[draft.event].schema.safeParse(body);
  if (!readable.success)
    throw new FactoryError(
      'unreadable-event',
      `${draft.event}/${draft.shard}: ${readable.error.issues.map(textOf).join('; ')}`,
      false,
    );
  return {
    run,
    event: draft.event,
    shard: draft.shard,
    generation: 0,
    subject: subjectOf(draft.event, header, draft.pool),
    body,
    messageId: messageIdOf(run, draft.event, draft.shard, 0),
  };
}

function textOf({ path, message }: { path: readonly PropertyKey[]; message: string }): string {
  return `${path.map(String).join('.')}: ${message}`;
}

/** The stage that an event triggers; null for announcements. */
export function stageAskedFor(event: EventName): ConsumingStage | null {
  return EVENTS[event].consumedBy;
}

/**
 * Writes events and the units of work that they trigger, in the caller's transaction. A unit that was planned
 * before becomes queued; an existing event is not changed.
 *
 * @param units pairs of header and draft; written in multi-row statements of at most 200
 */
export async function insertEvents(
  sql: Sql,
  units: readonly (readonly [RunHeader, EventDraft])[],
): Promise<StoredEvent[]> {
  const stored = units.map(([header, draft]) => ({ event: storedEvent(header, draft), draft }));
  for (let from = 0; from < stored.length; from += 200) {
    const part = stored.slice(from, from + 200);
    const work = part.filter(({ event }) => stageAskedFor(event.event) !== null);
    if (work.length > 0)
      await sql.change(
        `INSERT INTO factory_stage (run_id, stage, shard, status, input, queued_at)
         VALUES ${work.map(() => "(?, ?, ?, 'queued', ?, UTC_TIMESTAMP(6))").join(', ')}
         ON DUPLICATE KEY UPDATE
           queued_at = IF(status = 'planned', UTC_TIMESTAMP(6), queued_at),
           status = IF(status = 'planned', 'queued', status)`,
        work.flatMap(({ event }) => [
          event.run,
          stageAskedFor(event.event),
          event.shard,
          JSON.stringify(event.body),
        ]),
      );
    await sql.change(
      `INSERT INTO factory_event (${EVENT_COLUMNS})
       VALUES ${part.map(() => '(?, ?, ?, 0, ?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
       ON DUPLICATE KEY UPDATE run_id = VALUES(run_id)`,
      part.flatMap(({ event, draft }): SqlValue[] => {
        const stage = stageAskedFor(event.event);
        return [
          event.run,
          event.event,
          event.shard,
          event.subject,
          JSON.stringify(event.body),
          stage && consumerOf(stage, draft.pool).durable,
          stage,
        ];
      }),
    );
  }
  return stored.map(({ event }) => event);
}

/** Writes units of work that are queued later (trial groups beyond the limit in progress). */
export async function insertPlanned(
  sql: Sql,
  header: RunHeader,
  drafts: readonly EventDraft[],
): Promise<void> {
  for (let from = 0; from < drafts.length; from += 200) {
    const part = drafts.slice(from, from + 200);
    await sql.change(
      `INSERT INTO factory_stage (status, queued_at, run_id, stage, shard, input)
       VALUES ${part.map(() => "('planned', UTC_TIMESTAMP(6), ?, ?, ?, ?)").join(', ')}
       ON DUPLICATE KEY UPDATE run_id = VALUES(run_id)`,
      part.flatMap((draft) => [
        header.run,
        stageAskedFor(draft.event),
        draft.shard,
        JSON.stringify(storedEvent(header, draft).body),
      ]),
    );
  }
}

/** Reads an event row. */
export function eventFromRow(row: Row): StoredEvent {
  const run = String(row['run_id']);
  const event = row['event'] as EventName;
  const shard = String(row['shard']);
  const generation = Number(row['generation']);
  return {
    run,
    event,
    shard,
    generation,
    subject: String(row['subject']),
    body: fromJson(row['body']),
    messageId: messageIdOf(run, event, shard, generation),
  };
}
