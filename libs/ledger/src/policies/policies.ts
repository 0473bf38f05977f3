import {
  BadInputsError,
  POOL_PATTERN,
  completePolicy,
  completeStoredPolicy,
  fieldsOfLaterReleases,
  type ModelKey,
  type Policy,
} from '@factory/domain';
import type { DataSource } from 'typeorm';
import { inTransaction, sqlOf } from '../database/transaction';
import { recordAudit } from './audit';

/** Who changes something and why: every change records both. */
export interface Change {
  readonly who: string;
  readonly reason: string;
}

const FIELDS_SET = 'SELECT policy FROM factory_policy WHERE source = ? AND product = ? AND goal = ?';

/** Creates a row to lock, so that two people who set different fields at the same time both succeed. */
const ENSURE_ROW = `
  INSERT INTO factory_policy (source, product, goal, policy, updated_at)
  VALUES (?, ?, ?, '{}', UTC_TIMESTAMP(6))
  ON DUPLICATE KEY UPDATE source = VALUES(source)`;

type PolicyFields = Readonly<Record<string, unknown>>;

/** The policies of products: the fields that were set, completed with defaults. */
export class Policies {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Policies of all products of one source and goal, completed with defaults, in one query. Fields of later
   * releases are kept.
   *
   * @returns a function that throws BadInputsError `invalid-policy` for a product whose stored policy is
   * invalid, and for no other: a row may be edited by hand, or be older than a rule
   */
  async complete(source: string, goal: string): Promise<(product: number) => Policy> {
    const rows = await sqlOf(this.dataSource).rows(
      'SELECT product, policy FROM factory_policy WHERE source = ? AND goal = ?',
      [source, goal],
    );
    const stored = new Map(rows.map((row) => [Number(row['product']), row['policy']]));
    return (product) => completeStoredPolicy(readableFields(stored.get(product)));
  }

  /** The fields that were set for a product. @throws BadInputsError `invalid-policy` when they cannot be read */
  async fieldsSet(key: ModelKey): Promise<PolicyFields> {
    const [row] = await sqlOf(this.dataSource).rows(FIELDS_SET, [key.source, key.product, key.goal]);
    return readableFields(row?.['policy']);
  }

  /**
   * Sets fields; `null` restores a field's default. A stored policy that cannot be read is replaced; fields of
   * later releases are kept.
   *
   * @throws BadInputsError `invalid-policy`: also for a given field that this release does not know
   */
  async set(key: ModelKey, fields: PolicyFields, change: Change): Promise<Policy> {
    return inTransaction(this.dataSource, async (sql) => {
      const names = [key.source, key.product, key.goal];
      await sql.change(ENSURE_ROW, names);
      const [row] = await sql.rows(`${FIELDS_SET} FOR UPDATE`, names);
      const stored = fieldsIn(row?.['policy']) ?? {};
      const later = fieldsOfLaterReleases(stored);
      const kept = withoutNulls({ ...stored, ...fields });
      completePolicy(
        Object.fromEntries(
          Object.entries(kept).filter(([name]) => Object.hasOwn(fields, name) || !Object.hasOwn(later, name)),
        ),
      );
      await sql.change(
        `UPDATE factory_policy SET policy = ?, updated_at = UTC_TIMESTAMP(6)
          WHERE source = ? AND product = ? AND goal = ?`,
        [JSON.stringify(kept), ...names],
      );
      await recordAudit(sql, 'policy-set', `${key.source}/${key.goal}/${key.product}`, change, fields);
      return completeStoredPolicy(kept);
    });
  }

  /** All pools that some policy names: each needs a consumer. Invalid policies are ignored. */
  async pools(): Promise<string[]> {
    const rows = await sqlOf(this.dataSource).rows('SELECT policy FROM factory_policy');
    const named = rows.map((row) => fieldsIn(row['policy'])?.['pool']);
    return [...new Set(['default', ...named.filter(isPool)])].sort();
  }
}

function isPool(value: unknown): value is string {
  return typeof value === 'string' && POOL_PATTERN.test(value);
}

function withoutNulls(fields: PolicyFields): PolicyFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** @returns undefined if the text is not a JSON object; no fields if there is no text */
function fieldsIn(text: unknown): PolicyFields | undefined {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as PolicyFields)
      : undefined;
  } catch {
    return undefined;
  }
}

function readableFields(text: unknown): PolicyFields {
  const fields = fieldsIn(text);
  if (fields) return fields;
  const todo = 'store a JSON object with the fields that differ from the defaults';
  throw new BadInputsError('invalid-policy', [{ field: 'policy', value: text, todo }]);
}
