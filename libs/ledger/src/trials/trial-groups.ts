import { fromJson, type Row, type Sql } from '../database/transaction';
import type { EventDraft } from '../events/event-drafts';

/** The state of a run's trial groups, read under the run's lock. */
export interface GroupStanding {
  /** Groups neither done nor failed. */
  readonly open: number;
  /** Outputs of the groups that are done, in order of shard. */
  readonly outputs: readonly Readonly<Record<string, unknown>>[];
  readonly failed: number;
  /** The next group to queue, if any is left. */
  readonly next: EventDraft | undefined;
}

/** Call inside a commit of stage `trials`: the commit holds the lock of the run row, so counts are exact. */
export async function groupStanding(sql: Sql, run: string, pool: string): Promise<GroupStanding> {
  const counts = await sql.rows(
    `SELECT status, COUNT(*) AS units FROM factory_stage WHERE run_id = ? AND stage = 'trials' GROUP BY status`,
    [run],
  );
  const count = (status: string): number =>
    Number(counts.find((row) => row['status'] === status)?.['units'] ?? 0);
  const units = counts.reduce((sum, row) => sum + Number(row['units']), 0);
  const open = units - count('done') - count('failed');
  const [next] = await sql.rows(
    `SELECT shard, input FROM factory_stage
      WHERE run_id = ? AND stage = 'trials' AND status = 'planned' ORDER BY shard LIMIT 1`,
    [run],
  );
  const outputs =
    open > 0
      ? []
      : await sql.rows(
          `SELECT output FROM factory_stage
            WHERE run_id = ? AND stage = 'trials' AND status = 'done' ORDER BY shard`,
          [run],
        );
  return {
    open,
    failed: count('failed'),
    outputs: outputs.map((row) => fromJson<Record<string, unknown>>(row['output']) ?? {}),
    next: next && draftOf(next, pool),
  };
}

/** Whether a run has trial groups whose shards begin like this, in whatever state. */
export async function hasGroups(sql: Sql, run: string, shardsLike: string): Promise<boolean> {
  const found = await sql.rows(
    "SELECT 1 FROM factory_stage WHERE run_id = ? AND stage = 'trials' AND shard LIKE ? LIMIT 1",
    [run, `${shardsLike}%`],
  );
  return found.length > 0;
}

/** Writes stage `gather`, done, with its output in the commit of the last group. */
export async function recordGather(sql: Sql, run: string, output: unknown): Promise<void> {
  await sql.change(
    `INSERT INTO factory_stage (run_id, stage, shard, status, input, output, queued_at, claimed_at, settled_at)
     VALUES (?, 'gather', '0', 'done', '{}', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE output = VALUES(output), settled_at = VALUES(settled_at)`,
    [run, JSON.stringify(output)],
  );
}

function draftOf(row: Row, pool: string): EventDraft {
  return {
    event: 'trials.queued',
    shard: String(row['shard']),
    body: fromJson<Record<string, unknown>>(row['input']) ?? {},
    pool,
  };
}
