import { BadInputError, type Outcome } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { fromJson, inTransaction, sqlOf, type Row } from '../database/transaction';
import type { StoredEvent } from '../events/event-drafts';
import { recordAudit } from '../policies/audit';
import type { Change } from '../policies/policies';
import { resumeRun } from '../replays/reopen-work';
import { endRun, headerOf } from './finish-run';
import { overrulesOf, type RunOverrule } from './run-overrules';

export interface RunSummary {
  readonly run: string;
  readonly requestKey: string;
  readonly source: string;
  readonly product: number;
  readonly goal: string;
  readonly grid: string;
  readonly stage: string;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly policy: Readonly<Record<string, unknown>>;
  /** Checks that do not stop it. */
  readonly overrules: readonly RunOverrule[];
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** Columns of the row that cannot be read; they are empty above. */
  readonly unreadable: readonly string[];
}

export interface StageSummary {
  readonly stage: string;
  readonly shard: string;
  readonly status: string;
  readonly attempt: number;
  readonly owner: string | null;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly queuedAt: Date;
  readonly claimedAt: Date | null;
  readonly settledAt: Date | null;
  readonly startDelayMs: number | null;
  readonly claimedSeconds: number;
}

export interface RunFilter {
  readonly source?: string;
  readonly product?: number;
  readonly goal?: string;
  readonly requestKey?: string;
  readonly active?: boolean;
  readonly limit?: number;
}

/** Reads runs for people, and cancels or resumes them on request. */
export class Runs {
  constructor(
    private readonly dataSource: DataSource,
    private readonly codeVersion: string,
  ) {}

  /** Latest first. */
  async list(filter: RunFilter = {}): Promise<RunSummary[]> {
    const conditions: [string, string | number | undefined][] = [
      ['r.source = ?', filter.source],
      ['r.product = ?', filter.product],
      ['r.goal = ?', filter.goal],
      ['a.request_key = ?', filter.requestKey],
    ];
    const given = conditions.filter(([, value]) => value !== undefined);
    const where = [...given.map(([text]) => text), ...(filter.active ? ['r.active = 1'] : [])];
    const rows = await sqlOf(this.dataSource).rows(
      `SELECT r.* FROM factory_run r
         ${filter.requestKey ? 'JOIN factory_request_run a ON a.run_id = r.run_id' : ''}
        ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
        ORDER BY r.created_at DESC, r.run_id LIMIT ${Math.trunc(filter.limit ?? 50)}`,
      given.map(([, value]) => value as string | number),
    );
    return rows.map(summaryOf);
  }

  /** @throws BadInputError `unknown-run` */
  async find(run: string): Promise<RunSummary> {
    const [row] = await sqlOf(this.dataSource).rows('SELECT * FROM factory_run WHERE run_id = ?', [run]);
    if (row) return summaryOf(row);
    throw new BadInputError('unknown-run', {
      field: 'run',
      value: run,
      todo: 'list runs with `factory runs`',
    });
  }

  /** All units of work of a run, in the order in which they were queued. */
  async stages(run: string): Promise<StageSummary[]> {
    const rows = await sqlOf(this.dataSource).rows(
      'SELECT * FROM factory_stage WHERE run_id = ? ORDER BY queued_at, shard',
      [run],
    );
    return rows.map(stageOf);
  }

  /** Output of the latest done unit of a stage; undefined if there is none. */
  async output<T>(run: string, stage: string): Promise<T | undefined> {
    const [row] = await sqlOf(this.dataSource).rows(
      `SELECT output FROM factory_stage WHERE run_id = ? AND stage = ? AND status = 'done'
        ORDER BY settled_at DESC LIMIT 1`,
      [run, stage],
    );
    return fromJson<T>(row?.['output']) ?? undefined;
  }

  /** Ends a run as cancelled. @returns events to publish; none if it had ended already */
  async cancel(run: string, change: Change): Promise<StoredEvent[]> {
    await this.find(run);
    return inTransaction(this.dataSource, async (sql) => {
      const [row] = await sql.rows('SELECT * FROM factory_run WHERE run_id = ? FOR UPDATE', [run]);
      if (!row || row['outcome'] !== null) return [];
      await recordAudit(sql, 'cancel', run, change);
      const reason = change.reason || `cancelled by ${change.who}`;
      return endRun(sql, headerOf(row), { outcome: 'cancelled', reason }, this.codeVersion);
    });
  }

  /**
   * Resumes a failed or cancelled run from the units of work that were not done, with fresh attempts.
   *
   * @returns events to publish, with raised generations
   * @throws BadInputError `run-not-resumable`, `already-running`
   */
  async resume(run: string, change: Change): Promise<StoredEvent[]> {
    await this.find(run);
    return inTransaction(this.dataSource, async (sql) => {
      const [row] = await sql.rows('SELECT * FROM factory_run WHERE run_id = ? FOR UPDATE', [run]);
      return resumeRun(sql, row as Row, change);
    });
  }
}

function summaryOf(row: Row): RunSummary {
  const { run, source, product, goal } = headerOf(row);
  const listed = new ListedRow(row);
  const summary = {
    run,
    requestKey: listed.text('request_key'),
    source,
    product,
    goal,
    grid: listed.text('grid'),
    stage: listed.text('stage'),
    outcome: listed.textOrNull('outcome') as Outcome | null,
    reason: listed.textOrNull('reason'),
    details: listed.object('error'),
    policy: listed.object('policy') ?? {},
    overrules: overrulesOf(row['overrules']),
    createdAt: listed.date('created_at'),
    finishedAt: listed.dateOrNull('finished_at'),
  };
  return { ...summary, unreadable: listed.unreadable };
}

function stageOf(row: Row): StageSummary {
  const listed = new ListedRow(row);
  const stage = {
    stage: listed.text('stage'),
    shard: listed.text('shard'),
    status: listed.text('status'),
    attempt: listed.number('attempt'),
    owner: listed.textOrNull('lease_owner'),
    output: listed.object('output'),
    error: listed.object('error') as StageSummary['error'],
    queuedAt: listed.date('queued_at'),
    claimedAt: listed.dateOrNull('claimed_at'),
    settledAt: listed.dateOrNull('settled_at'),
    startDelayMs: listed.numberOrNull('start_delay_ms'),
    claimedSeconds: listed.number('claimed_seconds'),
  };
  return listed.unreadable.length === 0 ? stage : { ...stage, error: unreadableError(listed.unreadable) };
}

function unreadableError(columns: readonly string[]): StageSummary['error'] {
  return { code: 'unreadable', message: `the ledger's row cannot be read: ${columns.join(', ')}` };
}
