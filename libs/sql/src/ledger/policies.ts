import { completePolicy, type ModelKey, type Policy } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { recordAudit } from './audit';
import { fromJson, inTransaction, sqlOf } from './transaction';

/** Who changes something, and why: every change records both. */
export interface Change {
  readonly who: string;
  readonly reason: string;
}

const FIELDS_SET = 'SELECT policy FROM factory_policy WHERE source = ? AND product = ? AND goal = ?';

/** A row to lock, so that two who set different fields at the same time both succeed. */
const ENSURE_ROW = `
  INSERT INTO factory_policy (source, product, goal, policy, updated_at)
  VALUES (?, ?, ?, '{}', UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE source = VALUES(source)`;

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
    const [row] = await sqlOf(this.dataSource).rows(FIELDS_SET, [key.source, key.product, key.goal]);
    return fromJson<PolicyFields>(row?.['policy']) ?? {};
  }

  /**
   * Sets fields; `null` gives a field its default back.
   *
   * @throws BadInputsError `invalid-policy`
   */
  async set(key: ModelKey, fields: PolicyFields, change: Change): Promise<Policy> {
    return inTransaction(this.dataSource, async (sql) => {
      const names = [key.source, key.product, key.goal];
      await sql.change(ENSURE_ROW, names);
      const [row] = await sql.rows(`${FIELDS_SET} FOR UPDATE`, names);
      const merged = { ...(fromJson<PolicyFields>(row?.['policy']) ?? {}), ...fields };
      const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
      const policy = completePolicy(kept);
      await sql.change(
        `UPDATE factory_policy SET policy = ?, updated_at = UTC_TIMESTAMP(6)
          WHERE source = ? AND product = ? AND goal = ?`,
        [JSON.stringify(kept), ...names],
      );
      await recordAudit(sql, 'policy-set', `${key.source}/${key.goal}/${key.product}`, change, fields);
      return policy;
    });
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
