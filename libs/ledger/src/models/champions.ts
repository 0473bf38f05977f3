import type { ModelKey } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { sqlOf, type Row, type Sql } from '../database/transaction';

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

const FIND = 'SELECT * FROM attrib_propensity_model WHERE source = ? AND product = ? AND goal = ?';

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
    const [row] = await sqlOf(this.dataSource).rows(FIND, [key.source, key.product, key.goal]);
    return row && championOf(row);
  }

  /** All champions, optionally of one source. */
  async list(source?: string): Promise<Champion[]> {
    const rows = await sqlOf(this.dataSource).rows(
      `SELECT * FROM attrib_propensity_model ${source ? 'WHERE source = ?' : ''} ORDER BY source, goal, product`,
      source ? [source] : [],
    );
    return rows.map(championOf);
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
    const [existing] = await sql.rows(`${FIND} FOR UPDATE`, key);
    if (existing) return undefined;
    await sql.change(FIRST, [...key, version, location, manifestSha256, run, metrics]);
    const [row] = await sql.rows(FIND, key);
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
