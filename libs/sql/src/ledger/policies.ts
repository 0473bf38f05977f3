import { completePolicy, type ModelKey, type Policy } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { recordAudit } from './audit';
import { fromJson, inTransaction, sqlOf } from './transaction';

/** Who changes something, and why: every change records both. */
export interface Change {
  readonly who: string;
  readonly reason: string;
}

type PolicyFields = Readonly<Record<string, unknown>>;

/** What was set for products, and the policies that follow. */
export class Policies {
  constructor(private readonly dataSource: DataSource) {}

  /** Policies of all given products of one source and goal, defaults completed, in one query. */
  async complete(source: string, goal: string): Promise<(product: number) => Policy> {
    const rows = await sqlOf(this.dataSource).rows(
      'SELECT product, policy FROM factory_policy WHERE source = ? AND goal = ?',
      [source, goal],
    );
    const set = new Map(
      rows.map((row) => [Number(row['product']), fromJson<PolicyFields>(row['policy']) ?? {}]),
    );
    return (product) => completePolicy(set.get(product) ?? {});
  }

  /** The fields that were set for a product. */
  async fieldsSet(key: ModelKey): Promise<PolicyFields> {
    const [row] = await sqlOf(this.dataSource).rows(
      'SELECT policy FROM factory_policy WHERE source = ? AND product = ? AND goal = ?',
      [key.source, key.product, key.goal],
    );
    return fromJson<PolicyFields>(row?.['policy']) ?? {};
  }

  /**
   * Sets fields; `null` gives a field its default back.
   *
   * @throws BadInputsError `invalid-policy`
   */
  async set(key: ModelKey, fields: PolicyFields, change: Change): Promise<Policy> {
    const merged: Record<string, unknown> = { ...(await this.fieldsSet(key)), ...fields };
    for (const [field, value] of Object.entries(merged)) if (value === null) delete merged[field];
    const policy = completePolicy(merged);
    await inTransaction(this.dataSource, async (sql) => {
      await sql.change(
        `INSERT INTO factory_policy (source, product, goal, policy, updated_at)
         VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))
         ON DUPLICATE KEY UPDATE policy = VALUES(policy), updated_at = VALUES(updated_at)`,
        [key.source, key.product, key.goal, JSON.stringify(merged)],
      );
      await recordAudit(sql, 'policy-set', `${key.source}/${key.goal}/${key.product}`, change, fields);
    });
    return policy;
  }

  /** Every pool that some policy names: each needs a consumer of its own. */
  async pools(): Promise<string[]> {
    const rows = await sqlOf(this.dataSource).rows('SELECT policy FROM factory_policy');
    const named = rows.map((row) => (fromJson<PolicyFields>(row['policy']) ?? {})['pool']);
    return [
      ...new Set(['default', ...named.filter((pool): pool is string => typeof pool === 'string')]),
    ].sort();
  }
}
