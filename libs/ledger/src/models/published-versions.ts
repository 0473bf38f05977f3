import type { ModelKey } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { sqlOf } from '../database/transaction';

/** A version that a run put in force, whether or not it still is. */
export interface PublishedVersion {
  readonly version: string;
  readonly run: string;
  readonly publishedAt: Date;
  /** What the publisher stored in the ledger: location, manifest hash, metrics. */
  readonly output: Readonly<Record<string, unknown>>;
  /** Columns of the row that cannot be read; they are empty above. */
  readonly unreadable: readonly string[];
}

const VERSIONS = `
  SELECT m.version, m.run_id, m.finished_at, s.output
    FROM attrib_propensity_model_run m
    LEFT JOIN factory_stage s ON s.run_id = m.run_id AND s.stage = 'publisher' AND s.status = 'done'
   WHERE m.source = ? AND m.product = ? AND m.goal = ? AND m.version IS NOT NULL
   ORDER BY m.finished_at DESC, s.settled_at DESC`;

/** Versions published by runs, newest first. */
export async function publishedVersions(dataSource: DataSource, key: ModelKey): Promise<PublishedVersion[]> {
  const rows = await sqlOf(dataSource).rows(VERSIONS, [key.source, key.product, key.goal]);
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const version = String(row['version']);
    if (seen.has(version)) return [];
    seen.add(version);
    const listed = new ListedRow(row);
    const found = {
      version,
      run: listed.text('run_id'),
      publishedAt: listed.date('finished_at'),
      output: listed.object('output') ?? {},
    };
    return { ...found, unreadable: listed.unreadable };
  });
}
