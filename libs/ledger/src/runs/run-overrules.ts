import { z } from 'zod';
import type { Sql } from '../database/transaction';
import { recordAudit } from '../policies/audit';

/** A check that a person has decided not to stop a run. */
export interface RunOverrule {
  /** Its code, maybe one that only a later release knows. */
  readonly check: string;
  /** Column or feature table of the finding; absent: any. */
  readonly column?: string | undefined;
  readonly reason: string;
  readonly by: string;
}

const overrulesSchema = z.array(
  z.object({
    check: z.string(),
    column: z.string().optional(),
    reason: z.string(),
    by: z.string(),
  }),
);

/** As `factory_run.overrules` keeps them; null: none. */
export function overrulesText(overrules: readonly RunOverrule[]): string | null {
  return overrules.length === 0 ? null : JSON.stringify(overrules);
}

/** What is stored with a run. What cannot be read overrules nothing. */
export function overrulesOf(stored: unknown): RunOverrule[] {
  if (typeof stored !== 'string') return [];
  try {
    return overrulesSchema.safeParse(JSON.parse(stored)).data ?? [];
  } catch {
    return [];
  }
}

/** Records who overruled which checks of a run, in the caller's transaction. */
export async function auditOverrules(
  sql: Sql,
  run: string,
  overrules: readonly RunOverrule[],
): Promise<void> {
  for (const { check, column, reason, by } of overrules)
    await recordAudit(sql, 'overrule', run, { who: by, reason }, { check, column });
}
