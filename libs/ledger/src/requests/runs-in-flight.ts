import type { ModelKey } from '@factory/domain';
import { placeholders, type Sql } from '../database/transaction';
import type { RunHeader } from '../events/event-drafts';
import { headerOf } from '../runs/finish-run';

/** The runs in progress of some models, in the order of their keys. */
export async function runsInFlight(sql: Sql, models: readonly ModelKey[]): Promise<RunHeader[]> {
  if (models.length === 0) return [];
  const rows = await sql.rows(
    `SELECT run_id, source, product, goal FROM factory_run
      WHERE active = 1 AND (source, product, goal) IN (${placeholders(models.length, 3)})
      ORDER BY source, product, goal`,
    models.flatMap(({ source, product, goal }) => [source, product, goal]),
  );
  return rows.map(headerOf);
}
