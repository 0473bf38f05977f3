import { FactoryError, RunSkippedError, codeOf, messageOf } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { inTransaction, type Sql } from '../database/transaction';
import {
  insertEvents,
  insertPlanned,
  stageAskedFor,
  type EventDraft,
  type RunHeader,
  type StoredEvent,
} from '../events/event-drafts';
import { endRun, headerOf, type RunEnd } from '../runs/finish-run';
import { LEASE_SECONDS, MAX_ATTEMPTS } from './claim-decision';
import type { Claim } from './stage-claims';

/** The claim was lost: another worker has it, or the run has ended. Nothing was written. */
export class ClaimLostError extends FactoryError {
  constructor(claim: Claim) {
    super(
      'claim-lost',
      `${claim.run} ${claim.stage}/${claim.shard} token ${claim.token} is no longer ours`,
      false,
    );
  }
}

/** The result of one unit of work: written in one transaction. */
export interface StageResult {
  /** Stored in the ledger; read by later stages and reports. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly events?: readonly EventDraft[];
  /** Units of work that are queued later. */
  readonly planned?: readonly EventDraft[];
  /** Ends the run. */
  readonly end?: RunEnd;
  /** Writes additional rows in the same transaction; its return value is added to the result. */
  readonly record?: (sql: Sql, header: RunHeader) => Promise<Partial<Omit<StageResult, 'record'>> | void>;
}

const LOCK_RUN = `
  SELECT run_id, source, product, goal, outcome FROM factory_run WHERE run_id = ? FOR UPDATE`;

const SETTLE = `
  UPDATE factory_stage
     SET status = ?, output = ?, error = ?, start_delay_ms = ?, lease_expires_at = NULL, refused_since = NULL,
         attempt = attempt + ?, settled_at = IF(? = 'queued', NULL, UTC_TIMESTAMP(6)),
         claimed_seconds = claimed_seconds
           + LEAST(${LEASE_SECONDS}, TIMESTAMPDIFF(MICROSECOND, lease_renewed_at, UTC_TIMESTAMP(6)) / 1000000)
   WHERE run_id = ? AND stage = ? AND shard = ? AND token = ? AND status = 'leased'`;

const REPLACE_OUTPUT = 'UPDATE factory_stage SET output = ? WHERE run_id = ? AND stage = ? AND shard = ?';

const SET_STAGE = 'UPDATE factory_run SET stage = ? WHERE run_id = ?';

export type FailureResult =
  | { readonly kind: 'retry'; readonly attempt: number }
  /** The run ended because of it. */
  | {
      readonly kind: 'ended';
      readonly attempt: number;
      readonly events: StoredEvent[];
      readonly dead: boolean;
    };

/** Settles claimed work: results, failures, and their consequences. */
export class StageCommits {
  constructor(
    private readonly dataSource: DataSource,
    private readonly codeVersion: string,
  ) {}

  /**
   * Writes the result of claimed work, the events that follow and, if so decided, the end of the run.
   *
   * @param startDelayMs milliseconds from the claim to the start of the stage's own work
   * @returns events to publish now
   * @throws ClaimLostError when the token is no longer that of the claim
   */
  async complete(claim: Claim, result: StageResult, startDelayMs: number): Promise<StoredEvent[]> {
    return inTransaction(this.dataSource, async (sql) => {
      const header = await lockRun(sql, claim);
      await settle(sql, claim, { status: 'done', output: JSON.stringify(result.output), startDelayMs });
      return this.follow(sql, claim, header, result);
    });
  }

  /**
   * Records that claimed work failed. A retryable error uses one attempt; the last attempt, or a permanent
   * error, ends the run, or settles the unit if `settleFailed` says what follows (trial groups).
   */
  async fail(
    claim: Claim,
    error: unknown,
    settleFailed?: (sql: Sql, header: RunHeader) => Promise<Partial<StageResult>>,
  ): Promise<FailureResult> {
    const attempt = Math.min(claim.attempt + 1, MAX_ATTEMPTS);
    const retryable = error instanceof FactoryError ? error.retryable : true;
    return inTransaction(this.dataSource, async (sql) => {
      const header = await lockRun(sql, claim);
      if (retryable && attempt < MAX_ATTEMPTS) {
        await settle(sql, claim, { status: 'queued', error: errorJson(error), attempts: 1 });
        return { kind: 'retry', attempt };
      }
      const attempts = attempt > claim.attempt ? 1 : 0;
      await settle(sql, claim, { status: 'failed', error: errorJson(error, retryable), attempts });
      const follow = settleFailed ? await settleFailed(sql, header) : { end: endOf(error) };
      const events = await this.follow(sql, claim, header, follow);
      return { kind: 'ended', attempt, events, dead: retryable };
    });
  }

  /** Ends a run from outside its stages (cancel, deadline). @returns events to publish; none if it had ended */
  async end(run: string, end: RunEnd): Promise<StoredEvent[]> {
    return inTransaction(this.dataSource, async (sql) => {
      const [row] = await sql.rows(LOCK_RUN, [run]);
      return row ? endRun(sql, headerOf(row), end, this.codeVersion) : [];
    });
  }

  private async follow(
    sql: Sql,
    claim: Claim,
    header: RunHeader,
    result: Partial<StageResult>,
  ): Promise<StoredEvent[]> {
    const more = (await result.record?.(sql, header)) ?? {};
    if (more.output)
      await sql.change(REPLACE_OUTPUT, [JSON.stringify(more.output), claim.run, claim.stage, claim.shard]);
    const planned = [...(result.planned ?? []), ...(more.planned ?? [])];
    const drafts = [...(result.events ?? []), ...(more.events ?? [])];
    const end = more.end ?? result.end;
    await insertPlanned(sql, header, planned);
    const events = await insertEvents(
      sql,
      drafts.map((draft) => [header, draft] as const),
    );
    const next = drafts.map(({ event }) => stageAskedFor(event)).find((stage) => stage !== null);
    await sql.change(SET_STAGE, [end ? claim.stage : (next ?? claim.stage), claim.run]);
    return end ? [...events, ...(await endRun(sql, header, end, this.codeVersion))] : events;
  }
}

async function lockRun(sql: Sql, claim: Claim): Promise<RunHeader> {
  const [row] = await sql.rows(LOCK_RUN, [claim.run]);
  if (!row || row['outcome'] !== null) throw new ClaimLostError(claim);
  return headerOf(row);
}

interface Settled {
  readonly status: 'done' | 'failed' | 'queued';
  readonly output?: string;
  readonly error?: string;
  /** Attempts that this claim used. */
  readonly attempts?: 0 | 1;
  readonly startDelayMs?: number;
}

async function settle(sql: Sql, claim: Claim, settled: Settled): Promise<void> {
  const { status, output, error, attempts, startDelayMs } = settled;
  const changed = await sql.change(SETTLE, [
    status,
    output ?? null,
    error ?? null,
    startDelayMs ?? null,
    attempts ?? 0,
    status,
    claim.run,
    claim.stage,
    claim.shard,
    claim.token,
  ]);
  if (changed === 0) throw new ClaimLostError(claim);
}

/** @param dead the attempts are used up: a redelivery of the message becomes a dead letter too */
function errorJson(error: unknown, dead = false): string {
  return JSON.stringify({ code: codeOf(error), message: messageOf(error), ...(dead ? { dead } : {}) });
}

/** How a run ends after a permanent error. */
export function endOf(error: unknown): RunEnd {
  if (error instanceof RunSkippedError)
    return {
      outcome: 'skipped',
      reason: error.reason,
      details: { message: error.message, ...error.figures },
    };
  return { outcome: 'failed', reason: codeOf(error), details: { message: messageOf(error) } };
}
