import { windowField, type WindowMessage } from '@factory/contracts';
import type { ModelKey } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { sqlOf } from '../database/transaction';

const FIND = `
  SELECT c.version, r.train_window
    FROM attrib_propensity_model c
    LEFT JOIN attrib_propensity_model_run r ON r.run_id = c.run_id
   WHERE c.source = ? AND c.product = ? AND c.goal = ?`;

/** The version in force, and which days it was made from. */
export interface ChampionData {
  readonly version: string;
  /** Null: its run's row is gone, or cannot be read. */
  readonly window: WindowMessage | null;
}

/** The data of the version in force: two reads by primary key. @returns undefined if nothing is published yet */
export async function championData(dataSource: DataSource, key: ModelKey): Promise<ChampionData | undefined> {
  const [row] = await sqlOf(dataSource).rows(FIND, [key.source, key.product, key.goal]);
  if (!row) return undefined;
  const window = windowField.safeParse(new ListedRow(row).object('train_window')).data ?? null;
  return { version: String(row['version']), window };
}
