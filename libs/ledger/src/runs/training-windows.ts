import { windowField, type WindowMessage } from '@factory/contracts';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { placeholders, sqlOf } from '../database/transaction';

/** Maximum number of runs in one statement. */
const MOST = 1_000;

/**
 * The training windows of finished runs, by run: which one, out of which range, and why. Runs that ended before
 * they had one, and those with an unreadable row, are absent.
 */
export async function trainingWindowsOf(
  dataSource: DataSource,
  runs: readonly string[],
): Promise<ReadonlyMap<string, WindowMessage>> {
  const windows = new Map<string, WindowMessage>();
  for (let from = 0; from < runs.length; from += MOST) {
    const some = runs.slice(from, from + MOST);
    const rows = await sqlOf(dataSource).rows(
      `SELECT run_id, train_window FROM attrib_propensity_model_run WHERE run_id IN ${placeholders(1, some.length)}`,
      some,
    );
    for (const row of rows) {
      const window = windowField.safeParse(new ListedRow(row).object('train_window')).data;
      if (window) windows.set(String(row['run_id']), window);
    }
  }
  return windows;
}
