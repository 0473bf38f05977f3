import type { Outcome } from '@factory/domain';
import type { Row, Sql } from '../database/transaction';
import { insertEvents, type RunHeader, type StoredEvent } from '../events/event-drafts';
import { recordModelRun } from './model-runs';

/** How a run ends. */
export interface RunEnd {
  readonly outcome: Outcome;
  readonly reason: string;
  /** Figures or an error that explain the outcome. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const END_RUN = `
  UPDATE factory_run
     SET outcome = ?, reason = ?, error = ?, active = NULL, finished_at = UTC_TIMESTAMP(6)
   WHERE run_id = ? AND outcome IS NULL`;

const SECONDS = `
  SELECT TIMESTAMPDIFF(MICROSECOND, created_at, UTC_TIMESTAMP(6)) / 1000000 AS seconds
    FROM factory_run WHERE run_id = ?`;

/**
 * Ends a run in the caller's transaction: the only place where an outcome is written, by one `update .. where
 * outcome is null`.
 *
 * @returns the announcements to publish; none if the run had ended already
 */
export async function endRun(
  sql: Sql,
  header: RunHeader,
  end: RunEnd,
  codeVersion: string,
): Promise<StoredEvent[]> {
  const reason = end.reason.slice(0, 1000);
  const details = end.details ? JSON.stringify(end.details) : null;
  if ((await sql.change(END_RUN, [end.outcome, reason, details, header.run])) === 0) return [];
  const [row] = await sql.rows(SECONDS, [header.run]);
  await recordModelRun(sql, header.run, codeVersion);
  const resumes = await resumesOf(sql, header.run);
  return insertEvents(sql, [
    [
      header,
      {
        event: 'run.finished',
        shard: String(resumes),
        body: { outcome: end.outcome, reason, seconds: Number(row?.['seconds'] ?? 0) },
      },
    ],
  ]);
}

async function resumesOf(sql: Sql, run: string): Promise<number> {
  const [row] = await sql.rows('SELECT resumes FROM factory_run WHERE run_id = ?', [run]);
  return Number(row?.['resumes'] ?? 0);
}

/** The header of a run's messages from its row. */
export function headerOf(row: Row): RunHeader {
  return {
    run: String(row['run_id']),
    source: String(row['source']),
    product: Number(row['product']),
    goal: String(row['goal']),
  };
}
