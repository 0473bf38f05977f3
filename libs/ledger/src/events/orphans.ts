import { settingOfRun } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { onOneConnection, sqlOf, type Row } from '../database/transaction';
import { eventFromRow, type StoredEvent } from './event-drafts';

/** A consumer's position, as the broker reports it. */
export interface ConsumerPosition {
  readonly durable: string;
  /** All messages up to this stream sequence are acknowledged. */
  readonly ackFloor: number;
  readonly streamCreated: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Runs that were worked on, by their deadline. */
export interface Deadlines {
  /** Runs with more work time than their policy allows. */
  readonly past: readonly string[];
  /** Runs whose deadline this release cannot read: it is of a later release, or damaged. They are left alone. */
  readonly unreadable: readonly string[];
}

/** Younger events may still be in transit. */
export const ORPHAN_GRACE_SECONDS = 15;

/**
 * Doubles with every announcement after the fourth: a message that no consumer accepts would otherwise recur at
 * the same rate.
 */
const GRACE = `(${ORPHAN_GRACE_SECONDS} * POW(2, LEAST(GREATEST(e.generation - 4, 0), 8)))`;

const ORPHANED_WORK = `
  SELECT e.run_id, e.event, e.shard, e.generation, e.subject, e.body
    FROM factory_stage s
    JOIN factory_event e ON e.run_id = s.run_id AND e.stage = s.stage AND e.shard = s.shard
    JOIN factory_run r ON r.run_id = s.run_id
   WHERE s.status IN ('queued', 'leased') AND r.outcome IS NULL
     AND (s.status = 'queued' OR s.lease_expires_at < UTC_TIMESTAMP(6))
     AND e.consumer = ? AND e.touched_at < UTC_TIMESTAMP(6) - INTERVAL ${GRACE} SECOND
     AND (e.stream_sequence IS NULL OR e.stream_created <> ?
          OR e.stream_sequence <= ? OR e.stream_sequence < ? OR e.stream_sequence > ?)
   LIMIT 1000`;

const UNANNOUNCED = `
  SELECT run_id, event, shard, generation, subject, body FROM factory_event
   WHERE stream_sequence IS NULL AND consumer IS NULL
     AND touched_at < UTC_TIMESTAMP(6) - INTERVAL ${ORPHAN_GRACE_SECONDS} SECOND
   LIMIT 1000`;

const WORK_TIME = `
  SELECT r.run_id, MAX(r.policy) AS policy, MAX(r.resumes) AS resumes, SUM(s.claimed_seconds) AS claimed
    FROM factory_run r JOIN factory_stage s ON s.run_id = r.run_id
   WHERE r.outcome IS NULL
   GROUP BY r.run_id
  HAVING claimed > ?`;

/** Locks are global on the server, not per database: several factories may share one. At most 64 characters. */
const SWEEPER_LOCK = "CONCAT('factory-sweeper/', LEFT(SHA2(DATABASE(), 256), 32))";

/**
 * Finds work whose message no longer exists (rules R13). A constant number of statements, whatever the size of
 * the fleet.
 */
export class Orphans {
  constructor(private readonly dataSource: DataSource) {}

  /** Events whose work is open although the consumer will not receive them any more. */
  async ofConsumer(position: ConsumerPosition): Promise<StoredEvent[]> {
    const { durable, streamCreated, ackFloor, firstSequence, lastSequence } = position;
    const rows = await sqlOf(this.dataSource).rows(ORPHANED_WORK, [
      durable,
      streamCreated,
      ackFloor,
      firstSequence,
      lastSequence,
    ]);
    return readableEvents(rows);
  }

  /** Announcements (published, finished) that were committed but never published. */
  async announcements(): Promise<StoredEvent[]> {
    return readableEvents(await sqlOf(this.dataSource).rows(UNANNOUNCED));
  }

  /** Runs against their deadlines; every resume allows the same amount again. */
  async deadlines(leastDeadlineSeconds = 1): Promise<Deadlines> {
    const rows = await sqlOf(this.dataSource).rows(WORK_TIME, [leastDeadlineSeconds]);
    const past: string[] = [];
    const unreadable: string[] = [];
    for (const row of rows) {
      const run = String(row['run_id']);
      const deadline = deadlineOf(row);
      if (deadline === undefined) unreadable.push(run);
      else if (Number(row['claimed']) > deadline * (1 + Number(row['resumes']))) past.push(run);
    }
    return { past, unreadable };
  }

  /**
   * Lets one caller at a time run `work`, across all processes that use this ledger.
   *
   * @returns false if another holds the lock: nothing was done
   */
  async alone(work: () => Promise<void>): Promise<boolean> {
    return onOneConnection(this.dataSource, async (sql) => {
      const [row] = await sql.rows(`SELECT GET_LOCK(${SWEEPER_LOCK}, 0) AS held`);
      if (Number(row?.['held']) !== 1) return false;
      try {
        await work();
      } finally {
        await sql.rows(`SELECT RELEASE_LOCK(${SWEEPER_LOCK})`);
      }
      return true;
    });
  }
}

/**
 * An event with an unreadable body must not block the others: its run shows it, and a new request replaces it.
 */
function readableEvents(rows: readonly Row[]): StoredEvent[] {
  return rows.filter((row) => isReadable(row['body'])).map(eventFromRow);
}

function isReadable(text: unknown): boolean {
  try {
    JSON.parse(String(text));
    return true;
  } catch {
    return false;
  }
}

/** Seconds; undefined if it cannot be read. A run without a policy has the defaults. */
function deadlineOf(row: Row): number | undefined {
  const listed = new ListedRow(row);
  const policy = listed.object('policy') ?? {};
  return listed.unreadable.length > 0 ? undefined : settingOfRun(policy, 'deadlineSeconds');
}
