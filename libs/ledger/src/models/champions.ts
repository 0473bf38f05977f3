import { isOfNewerRelease, type ModelKey } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { sqlOf, type Row, type Sql } from '../database/transaction';
import { MODEL_STATE_IN_FORCE, modelStateOf, type ModelState } from './model-states';

/** The version in force of a source, product and goal. */
export interface Champion extends ModelKey {
  readonly version: string;
  readonly location: string;
  readonly manifestSha256: string;
  readonly run: string;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly since: Date;
  readonly previousVersion: string | null;
  readonly epoch: number;
  /** What a person has decided about the model. Retired: the version is not in force, and comes back on release. */
  readonly state?: ModelState | undefined;
  /** Columns of the row that cannot be read; they are empty above. */
  readonly unreadable: readonly string[];
}

/** A version to be put in force. */
export interface NewChampion extends ModelKey {
  readonly version: string;
  readonly location: string;
  readonly manifestSha256: string;
  readonly run: string;
  readonly metrics: Readonly<Record<string, unknown>>;
}

const LOCK =
  'SELECT run_id, version, champion_epoch FROM attrib_propensity_model WHERE source = ? AND product = ? AND goal = ?';

/** Version and state in one statement: read one after the other they might not belong together. */
const WITH_STATE = `
  SELECT m.*, s.state, s.held_until, s.reason, s.set_by, s.since AS state_since
    FROM attrib_propensity_model m
    LEFT JOIN factory_model_state s
      ON s.source = m.source AND s.product = m.product AND s.goal = m.goal AND ${MODEL_STATE_IN_FORCE}`;

const FIRST = `
  INSERT INTO attrib_propensity_model
    (source, product, goal, version, location, manifest_sha256, run_id, metrics, since, champion_epoch)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6), 1)
  ON DUPLICATE KEY UPDATE source = VALUES(source)`;

const REPLACE = `
  UPDATE attrib_propensity_model
     SET previous_version = version, version = ?, location = ?, manifest_sha256 = ?, run_id = ?, metrics = ?,
         since = UTC_TIMESTAMP(6), champion_epoch = champion_epoch + 1
   WHERE source = ? AND product = ? AND goal = ? AND champion_epoch = ?`;

/** The versions in force: the database is the authority, `champion.json` its copy. */
export class Champions {
  constructor(private readonly dataSource: DataSource) {}

  /** Undefined if nothing is published yet; its epoch is then 0. */
  async find(key: ModelKey): Promise<Champion | undefined> {
    const [row] = await sqlOf(this.dataSource).rows(
      `${WITH_STATE} WHERE m.source = ? AND m.product = ? AND m.goal = ?`,
      [key.source, key.product, key.goal],
    );
    // A state of a later release is thrown: who reads it must not act as if there were none.
    return row && { ...championOf(row), state: stateIn(row) };
  }

  /** All champions, optionally of one source. */
  async list(source?: string): Promise<Champion[]> {
    const rows = await sqlOf(this.dataSource).rows(
      `${WITH_STATE} ${source ? 'WHERE m.source = ?' : ''} ORDER BY m.source, m.goal, m.product`,
      source ? [source] : [],
    );
    return rows.map(listedChampion);
  }
}

/**
 * Puts a version in force if the champion is still the one that the verdict refers to (rules R9), inside the
 * caller's transaction.
 *
 * @returns the new epoch; undefined if the champion has changed since: nothing was written
 */
export async function replaceChampion(
  sql: Sql,
  next: NewChampion,
  judgedEpoch: number,
): Promise<number | undefined> {
  const { source, product, goal, version, location, manifestSha256, run } = next;
  const metrics = JSON.stringify(next.metrics);
  const key = [source, product, goal];
  if (judgedEpoch === 0) {
    // With found-rows semantics the insert would count an existing row as affected, so read it first, under the
    // key's lock.
    const [existing] = await sql.rows(`${LOCK} FOR UPDATE`, key);
    if (existing) return undefined;
    await sql.change(FIRST, [...key, version, location, manifestSha256, run, metrics]);
    const [row] = await sql.rows(LOCK, key);
    return row?.['run_id'] === run ? 1 : undefined;
  }
  const changed = await sql.change(REPLACE, [
    version,
    location,
    manifestSha256,
    run,
    metrics,
    ...key,
    judgedEpoch,
  ]);
  return changed === 0 ? undefined : judgedEpoch + 1;
}

/** Which version is in force, or was when the model was retired; locked until the caller's transaction ends. */
export async function lockChampion(
  sql: Sql,
  key: ModelKey,
): Promise<Pick<Champion, 'run' | 'version' | 'epoch'> | undefined> {
  const [row] = await sql.rows(`${LOCK} FOR UPDATE`, [key.source, key.product, key.goal]);
  if (!row) return undefined;
  return {
    run: String(row['run_id']),
    version: String(row['version']),
    epoch: Number(row['champion_epoch']),
  };
}

/**
 * Counts a change of what is in force that keeps the version: retired, or back again. In the caller's transaction, which
 * has locked the model's state.
 *
 * @returns the new epoch; undefined if the champion has changed since, or there is none
 */
export async function raiseEpoch(sql: Sql, key: ModelKey, seenEpoch: number): Promise<number | undefined> {
  const changed = await sql.change(
    `UPDATE attrib_propensity_model
        SET since = UTC_TIMESTAMP(6), champion_epoch = champion_epoch + 1
      WHERE source = ? AND product = ? AND goal = ? AND champion_epoch = ?`,
    [key.source, key.product, key.goal, seenEpoch],
  );
  return changed === 0 ? undefined : seenEpoch + 1;
}

/** One state that this release does not know must not hide the other champions. */
function listedChampion(row: Row): Champion {
  const champion = championOf(row);
  try {
    return { ...champion, state: stateIn(row) };
  } catch (thrown) {
    if (!isOfNewerRelease(thrown)) throw thrown;
    return { ...champion, unreadable: [...champion.unreadable, 'state'] };
  }
}

function stateIn(row: Row): ModelState | undefined {
  return row['state'] == null ? undefined : modelStateOf(row, 'state_since');
}

function championOf(row: Row): Champion {
  const listed = new ListedRow(row);
  const champion = {
    source: listed.text('source'),
    product: listed.number('product'),
    goal: listed.text('goal'),
    version: listed.text('version'),
    location: listed.text('location'),
    manifestSha256: listed.text('manifest_sha256'),
    run: listed.text('run_id'),
    metrics: listed.object('metrics') ?? {},
    since: listed.date('since'),
    previousVersion: listed.textOrNull('previous_version'),
    epoch: listed.number('champion_epoch'),
  };
  return { ...champion, unreadable: listed.unreadable };
}
