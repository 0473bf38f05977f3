import type { Sql } from './transaction';

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
