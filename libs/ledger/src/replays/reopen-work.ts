import { BadInputError } from '@factory/domain';
import { isDuplicateKey, type Row, type Sql, type SqlValue } from '../database/transaction';
import { eventFromRow, type StoredEvent } from '../events/event-drafts';
import { recordAudit } from '../policies/audit';
import type { Change } from '../policies/policies';
import { headerOf } from '../runs/finish-run';
import type { WorkId } from '../stages/stage-claims';

const GATHERED = "SELECT run_id FROM factory_stage WHERE run_id = ? AND stage = 'gather' AND status = 'done'";

const REOPEN = `
  UPDATE factory_stage
     SET status = 'queued', attempt = 0, lease_owner = NULL, lease_expires_at = NULL, error = NULL,
         note = NULL, settled_at = NULL, wait_since = NULL, refused_since = NULL
   WHERE run_id = ?`;

const ALL_OPEN = "status IN ('queued', 'leased', 'failed')";

/** Failed trial groups stay failed once the trials were gathered without them: there is no second gathering. */
const BUT_TRIALS = "stage <> 'trials'";

const REVIVE = `
  UPDATE factory_run
     SET outcome = NULL, reason = NULL, error = NULL, finished_at = NULL, active = 1, resumes = resumes + 1
   WHERE run_id = ?`;

const QUEUED_EVENTS = `
  factory_event e
    JOIN factory_stage s ON s.run_id = e.run_id AND s.stage = e.stage AND s.shard = e.shard`;

const UNIT = `
  SELECT status, lease_owner, lease_expires_at > UTC_TIMESTAMP(6) AS lease_live
    FROM factory_stage WHERE run_id = ? AND stage = ? AND shard = ?`;

/**
 * Resumes a failed or cancelled run from the units of work that were not done, with fresh attempts, in the
 * caller's transaction.
 *
 * @param row the run's row, locked
 * @returns events to publish, with raised generations
 * @throws BadInputError `run-not-resumable`, `already-running`
 */
export async function resumeRun(sql: Sql, row: Row, change: Change): Promise<StoredEvent[]> {
  const header = headerOf(row);
  const { run } = header;
  const outcome = row['outcome'] as string | null;
  if (outcome !== 'failed' && outcome !== 'cancelled')
    refuse('run-not-resumable', outcome ?? 'in flight', 'resume runs that failed or were cancelled');
  const [inFlight] = await sql.rows(
    'SELECT run_id FROM factory_run WHERE source = ? AND product = ? AND goal = ? AND active = 1',
    [header.source, header.product, header.goal],
  );
  if (inFlight) refuse('already-running', inFlight['run_id'], 'wait for it, or cancel it first');
  const gathered = await sql.rows(GATHERED, [run]);
  const open = gathered.length > 0 ? `${ALL_OPEN} AND ${BUT_TRIALS}` : ALL_OPEN;
  const reopened = await sql.change(`${REOPEN} AND ${open}`, [run]);
  if (reopened === 0) refuse('run-not-resumable', run, 'start a new run: this one has no open work');
  await sql.change(REVIVE, [run]).catch((error: unknown) => {
    if (isDuplicateKey(error)) refuse('already-running', run, 'wait for the other run, or cancel it first');
    throw error;
  });
  await recordAudit(sql, 'resume', run, change);
  return announceQueued(sql, "e.run_id = ? AND s.status = 'queued'", [run]);
}

/**
 * Reopens one unit of work whose attempts are used up, in the caller's transaction: together with its run, if
 * that failed because of it; alone, if the run goes on (a trial group that failed).
 *
 * @returns events to publish, with raised generations, so that neither the stream nor the ledger drops them as
 * duplicates
 * @throws BadInputError saying why nothing can be reopened: the run is unknown, was cancelled, or ended
 * otherwise; the work is done, queued, in progress, or was settled without it
 */
export async function reopenWork(sql: Sql, work: WorkId, change: Change): Promise<StoredEvent[]> {
  const { run, stage, shard } = work;
  const named = `${run} ${stage}/${shard}`;
  const [row] = await sql.rows('SELECT * FROM factory_run WHERE run_id = ? FOR UPDATE', [run]);
  const [unit] = await sql.rows(UNIT, [run, stage, shard]);
  if (!row || !unit)
    return refuse('unknown-run', named, 'send a new request: the ledger does not know this work');
  const outcome = row['outcome'] as string | null;
  if (outcome === 'cancelled')
    refuse(
      'run-cancelled',
      `${run}: ${String(row['reason'])}`,
      'it was ended on purpose: `factory runs resume` continues it nevertheless',
    );
  if (outcome !== null && outcome !== 'failed')
    refuse('run-ended', `${run}: ${outcome}`, 'send a new request: this run has its outcome');
  if (unit['status'] === 'done')
    refuse('work-done', named, 'there is nothing to do: see `factory runs show`');
  if (stage === 'trials' && (await sql.rows(GATHERED, [run])).length > 0)
    refuse('work-settled', named, 'send a new request: the trials of this run were gathered without it');
  if (outcome === 'failed') return resumeRun(sql, row, change);
  refuseOpen(named, unit);
  await sql.change(`${REOPEN} AND stage = ? AND shard = ?`, [run, stage, shard]);
  return announceQueued(sql, 'e.run_id = ? AND s.stage = ? AND s.shard = ?', [run, stage, shard]);
}

/** In a run that goes on, only failed work can be reopened: all other work gets its turn by itself. */
function refuseOpen(named: string, unit: Row): void {
  const status = String(unit['status']);
  if (status === 'failed') return;
  if (status === 'leased' && Number(unit['lease_live']) === 1)
    refuse('work-in-progress', named, `wait for it: ${String(unit['lease_owner'])} works on it`);
  refuse('work-queued', named, 'wait for it: it is queued');
}

async function announceQueued(
  sql: Sql,
  condition: string,
  parameters: readonly SqlValue[],
): Promise<StoredEvent[]> {
  await sql.change(
    `UPDATE ${QUEUED_EVENTS}
        SET e.generation = e.generation + 1, e.stream_sequence = NULL, e.touched_at = UTC_TIMESTAMP(6)
      WHERE ${condition}`,
    parameters,
  );
  const rows = await sql.rows(
    `SELECT e.run_id, e.event, e.shard, e.generation, e.subject, e.body FROM ${QUEUED_EVENTS} WHERE ${condition}`,
    parameters,
  );
  return rows.map(eventFromRow);
}

function refuse(code: string, value: unknown, todo: string): never {
  throw new BadInputError(code, { field: 'run', value, todo });
}
