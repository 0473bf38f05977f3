import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { sqlOf, type Sql } from '../database/transaction';

/** Records who did what to which subject, and why, in the caller's transaction. */
export async function recordAudit(
  sql: Sql,
  action: string,
  subject: string,
  change: { readonly who: string; readonly reason: string },
  details: unknown = {},
): Promise<void> {
  await sql.change(
    `INSERT INTO factory_audit (at, who, action, subject, reason, details)
     VALUES (UTC_TIMESTAMP(6), ?, ?, ?, ?, ?)`,
    [change.who.slice(0, 120), action, subject, change.reason.slice(0, 500), JSON.stringify(details)],
  );
}

/** One change that a person made. */
export interface AuditEntry {
  readonly at: Date;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string;
  readonly details: unknown;
}

/** What people did to a subject (a run's id, or `<source>/<goal>/<product>`), oldest first. */
export async function auditOf(dataSource: DataSource, subject: string): Promise<AuditEntry[]> {
  const rows = await sqlOf(dataSource).rows(
    'SELECT at, who, action, subject, reason, details FROM factory_audit WHERE subject = ? ORDER BY id',
    [subject],
  );
  return rows.map((row) => {
    const listed = new ListedRow(row);
    const entry = {
      at: listed.date('at'),
      who: listed.text('who'),
      action: listed.text('action'),
      subject: listed.text('subject'),
      reason: listed.text('reason'),
      details: listed.object('details'),
    };
    return listed.unreadable.length === 0 ? entry : { ...entry, details: { unreadable: listed.unreadable } };
  });
}
