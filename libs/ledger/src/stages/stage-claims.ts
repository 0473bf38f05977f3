import { FactoryError } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { asDate, inTransaction, sqlOf, type Row } from '../database/transaction';
import { overrulesOf, type RunOverrule } from '../runs/run-overrules';
import { decideClaim, LEASE_SECONDS, type ClaimableRow } from './claim-decision';

/** Identifies one unit of work. */
export interface WorkId {
  readonly run: string;
  readonly stage: string;
  readonly shard: string;
}

/** The right to do a unit of work until the lease expires; `token` fences off late results. */
export interface Claim extends WorkId {
  readonly token: number;
  /** Earlier claims of this work that ended by error or expiry. */
  readonly attempt: number;
  readonly claimedAt: Date;
  /** Whether the previous claim expired: its process died, or was disconnected. */
  readonly afterExpiry: boolean;
  /** The note of an earlier claim; see `note`. */
  readonly note: unknown;
  /** The message body that the work was queued with; it takes precedence over the message. */
  readonly input: unknown;
  /** As stored with the run, with the fields of later releases; null if it cannot be read. */
  readonly policy: Readonly<Record<string, unknown>> | null;
  readonly untilStage: string | null;
  /** As stored with the run: maybe one of a later release. */
  readonly grid: string;
  /** Seed of the draw, as requested; null = fixed per source, product and goal. */
  readonly seed: string | null;
  /** Checks that do not stop the run; absent: none. */
  readonly overrules?: readonly RunOverrule[];
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'unknown' | 'ended' | 'done' | 'busy' }
  /** Settled as failed before; `dead` if its attempts were used up. */
  | {
      readonly kind: 'failed';
      readonly attempt: number;
      readonly error: FactoryError;
      readonly dead: boolean;
    }
  | { readonly kind: 'exhausted'; readonly claim: Claim };

/** Locks the run before the stage: every writer of the ledger takes its locks in this order. */
const LOCK_WORK = `
  SELECT r.outcome, r.policy, r.until_stage, r.seed, r.grid, r.overrules, s.status, s.attempt, s.token, s.input, s.note,
         s.error, s.lease_expires_at > UTC_TIMESTAMP(6) AS lease_live, UTC_TIMESTAMP(6) AS at
    FROM factory_run r
    STRAIGHT_JOIN factory_stage s ON s.run_id = r.run_id AND s.stage = ? AND s.shard = ?
   WHERE r.run_id = ?
     FOR UPDATE`;

const TAKE = `
  UPDATE factory_stage
     SET status = 'leased', attempt = ?, token = ?, lease_owner = ?, claimed_at = ?, start_delay_ms = NULL,
         lease_renewed_at = ?, lease_expires_at = ? + INTERVAL ${LEASE_SECONDS} SECOND, wait_since = NULL
   WHERE run_id = ? AND stage = ? AND shard = ?`;

const RENEW = `
  UPDATE factory_run r
    STRAIGHT_JOIN factory_stage s ON s.run_id = r.run_id
     SET s.claimed_seconds = s.claimed_seconds
           + LEAST(${LEASE_SECONDS}, TIMESTAMPDIFF(MICROSECOND, s.lease_renewed_at, UTC_TIMESTAMP(6)) / 1000000),
         s.lease_renewed_at = UTC_TIMESTAMP(6),
         s.lease_expires_at = UTC_TIMESTAMP(6) + INTERVAL ${LEASE_SECONDS} SECOND
   WHERE r.run_id = ? AND r.outcome IS NULL
     AND s.stage = ? AND s.shard = ? AND s.token = ? AND s.status = 'leased'`;

const RELEASE = `
  UPDATE factory_stage
     SET status = 'queued', lease_owner = NULL, lease_expires_at = NULL,
         claimed_seconds = claimed_seconds
           + LEAST(${LEASE_SECONDS}, TIMESTAMPDIFF(MICROSECOND, lease_renewed_at, UTC_TIMESTAMP(6)) / 1000000)
   WHERE run_id = ? AND stage = ? AND shard = ? AND token = ? AND status = 'leased'`;

/** Claims, renews and releases units of work. */
export class StageClaims {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * @param owner the worker: stored for operators
   * @param serversJustBack this process has lost a server within the last seconds
   */
  async claim(work: WorkId, owner: string, serversJustBack = false): Promise<ClaimResult> {
    return inTransaction(this.dataSource, async (sql) => {
      const [row] = await sql.rows(LOCK_WORK, [work.stage, work.shard, work.run]);
      const decision = decideClaim(row && claimable(row), serversJustBack);
      if (!row) return { kind: 'unknown' };
      if (decision.kind === 'failed') return failedBefore(row);
      if (decision.kind !== 'claim' && decision.kind !== 'exhausted') return { kind: decision.kind };
      const token = Number(row['token']) + 1;
      const at = row['at'] as Date;
      await sql.change(TAKE, [decision.attempt, token, owner, at, at, at, work.run, work.stage, work.shard]);
      const claim: Claim = {
        ...work,
        token,
        attempt: decision.attempt,
        claimedAt: asDate(at) as Date,
        afterExpiry: row['status'] === 'leased',
        ...jsonOf(row),
        untilStage: (row['until_stage'] as string | null) ?? null,
        seed: (row['seed'] as string | null) ?? null,
        grid: String(row['grid']),
        overrules: overrulesOf(row['overrules']),
      };
      return { kind: decision.kind === 'claim' ? 'claimed' : 'exhausted', claim };
    });
  }

  /** Extends the lease. @returns false if the claim is lost: another worker has it, or the run has ended */
  async renew(claim: Claim): Promise<boolean> {
    const changed = await sqlOf(this.dataSource).change(RENEW, [
      claim.run,
      claim.stage,
      claim.shard,
      claim.token,
    ]);
    return changed > 0;
  }

  /** Records the progress of the work, for the worker that takes over if this process dies. */
  async note(claim: Claim, note: unknown): Promise<void> {
    await sqlOf(this.dataSource).change(
      "UPDATE factory_stage SET note = ? WHERE run_id = ? AND stage = ? AND shard = ? AND token = ? AND status = 'leased'",
      [JSON.stringify(note), claim.run, claim.stage, claim.shard, claim.token],
    );
  }

  /** Releases the work unfinished; no attempt is used. */
  async release(claim: Claim): Promise<void> {
    await sqlOf(this.dataSource).change(RELEASE, [claim.run, claim.stage, claim.shard, claim.token]);
  }
}

/**
 * The JSON columns of a claim. An unreadable input or policy must not fail the claim, which would count no
 * attempt and be retried without end: its placeholder is refused when the work begins.
 */
function jsonOf(row: Row): Pick<Claim, 'note' | 'input' | 'policy'> {
  const listed = new ListedRow(row);
  const [note, input, policy] = [listed.object('note'), listed.object('input'), listed.object('policy')];
  return {
    note,
    input: listed.unreadable.includes('input') ? null : input,
    policy: listed.unreadable.includes('policy') ? null : (policy ?? {}),
  };
}

function failedBefore(row: Row): ClaimResult {
  const error = new ListedRow(row).object('error') as {
    code?: string;
    message?: string;
    dead?: boolean;
  } | null;
  return {
    kind: 'failed',
    attempt: Number(row['attempt']),
    error: new FactoryError(error?.code ?? 'unexpected', error?.message ?? '', error?.dead ?? false),
    dead: error?.dead ?? false,
  };
}

function claimable(row: Row): ClaimableRow {
  return {
    outcome: row['outcome'] as string | null,
    status: String(row['status']),
    attempt: Number(row['attempt']),
    leaseLive: Number(row['lease_live']) === 1,
  };
}
