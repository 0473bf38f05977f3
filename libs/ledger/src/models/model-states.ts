import { NewerVersionError, type ModelKey } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { asDate, sqlOf, type Row, type Sql } from '../database/transaction';
import type { Change } from '../policies/policies';

export const MODEL_STATES = ['held', 'retired'] as const;

/** What a person has decided about a product's model (rules R8). */
export interface ModelState {
  /** `held`: the version in force stays. `retired`: there is no model any more, and none is made. */
  readonly state: (typeof MODEL_STATES)[number];
  /** End of a hold; null: until it is released. */
  readonly until: Date | null;
  readonly reason: string;
  readonly by: string;
  readonly since: Date;
}

const ACTIVE = 'active';
const COLUMNS = 'source, product, goal, state, held_until, reason, set_by, since';
/** Condition on a row of the table, whose columns no other table of the statement may have. */
export const MODEL_STATE_IN_FORCE = `state <> '${ACTIVE}' AND (held_until IS NULL OR held_until > UTC_TIMESTAMP(6))`;
const OF_KEY = 'source = ? AND product = ? AND goal = ?';

/**
 * States of models. A hold whose end has passed is no state. A state that only a later release knows is thrown as a
 * NewerVersionError: who reads it must not act as if there were none.
 */
export class ModelStates {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined: runs and versions of the product go their way. */
  find(key: ModelKey): Promise<ModelState | undefined> {
    return stateIn(sqlOf(this.dataSource), key);
  }

  /** All models with a state, optionally of one source. A state of a later release is left out. */
  async list(source?: string): Promise<(ModelKey & ModelState)[]> {
    const rows = await sqlOf(this.dataSource).rows(
      `SELECT ${COLUMNS} FROM factory_model_state WHERE ${MODEL_STATE_IN_FORCE} ${source ? 'AND source = ?' : ''}
        ORDER BY source, goal, product`,
      source ? [source] : [],
    );
    return rows.flatMap((row) =>
      isKnown(row['state'])
        ? [
            {
              source: String(row['source']),
              product: Number(row['product']),
              goal: String(row['goal']),
              ...modelStateOf(row),
            },
          ]
        : [],
    );
  }
}

/**
 * The state of a model, locked until the caller's transaction ends: whoever puts a version in force and whoever retires
 * the product do it one after the other, also while the product has no version yet.
 */
export async function lockModelState(sql: Sql, key: ModelKey): Promise<ModelState | undefined> {
  // The row to lock. In READ COMMITTED, reading a row that is not there would lock nothing.
  await sql.change(
    `INSERT INTO factory_model_state (${COLUMNS})
     VALUES (?, ?, ?, '${ACTIVE}', NULL, '', '', UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE source = VALUES(source)`,
    [key.source, key.product, key.goal],
  );
  return stateIn(sql, key, 'FOR UPDATE');
}

/** Sets the state of a model that the caller has locked; undefined: none any more. */
export async function setModelState(
  sql: Sql,
  key: ModelKey,
  next: Pick<ModelState, 'state' | 'until'> | undefined,
  change: Change,
): Promise<void> {
  await sql.change(
    `UPDATE factory_model_state
        SET state = ?, held_until = ?, reason = ?, set_by = ?, since = UTC_TIMESTAMP(6)
      WHERE ${OF_KEY}`,
    [
      next?.state ?? ACTIVE,
      next?.until ?? null,
      change.reason.slice(0, 500),
      change.who.slice(0, 120),
      key.source,
      key.product,
      key.goal,
    ],
  );
}

async function stateIn(sql: Sql, key: ModelKey, lock = ''): Promise<ModelState | undefined> {
  const [row] = await sql.rows(
    `SELECT ${COLUMNS} FROM factory_model_state WHERE ${OF_KEY} AND ${MODEL_STATE_IN_FORCE} ${lock}`,
    [key.source, key.product, key.goal],
  );
  if (!row) return undefined;
  return modelStateOf(row);
}

function isKnown(state: unknown): boolean {
  return MODEL_STATES.some((one) => one === state);
}

/** @throws NewerVersionError for a state of a later release */
export function modelStateOf(row: Row, since = 'since'): ModelState {
  if (!isKnown(row['state']))
    throw new NewerVersionError('factory_model_state.state', row['state'], MODEL_STATES);
  return {
    state: row['state'] as ModelState['state'],
    until: asDate(row['held_until']),
    reason: String(row['reason']),
    by: String(row['set_by']),
    since: asDate(new Map(Object.entries(row)).get(since)) ?? new Date(0),
  };
}
