import { basename } from 'node:path';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { BadInputError } from '@factory/domain';
import { connectAsOwner, ownerError } from '@factory/sql';
import { storedValue, type ColumnKind } from './column-kinds';
import { readCsv } from './csv-file';
import { completeImport, type CompleteImport, type ImportOptions } from './import-options';
import { ImportTables } from './import-tables';
import { csvSettings, profileFile, type FileProfile } from './profile-file';
import { readIfThere, replaceFile, withImportedSource } from './sources-entry';

export interface ImportProgress {
  readonly phase: 'reading' | 'writing';
  readonly rows: number;
  /** Known when writing. */
  readonly totalRows?: number;
}

export interface ImportResult {
  readonly source: string;
  readonly product: number;
  readonly goal: string;
  readonly rows: number;
  readonly goals: number;
  /** ISO 8601, UTC: what a request for the whole range names. */
  readonly firstVisit: string;
  readonly lastVisit: string;
  readonly features: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly notFeatures: readonly string[];
  readonly connectionEnv: string;
  readonly sourcesFile: string;
}

/** How often a watcher hears of progress. */
const PROGRESS_ROWS = 10_000;

/**
 * Imports a CSV file as a product of a source: tables `<source>_product`, `_visit`, `_goal` and `_feature`, and
 * the source's entry in sources.yaml. The file is read twice and never held in memory: first everything that can
 * be wrong with it is found, then it is written beside the tables and put in their place at once. Whatever goes
 * wrong, what was there before stays. Importing a product again replaces its rows.
 *
 * @throws BadInputError for everything that is wrong with the options or the file, each with what to do
 * @throws ServerAwayError `source-away`
 */
export async function importCsv(
  given: ImportOptions,
  onProgress: (progress: ImportProgress) => void = () => undefined,
): Promise<ImportResult> {
  const options = completeImport(given);
  const { source, goal, connectionEnv } = options;
  const word = source.replaceAll('-', '_');
  const entry = { source, word, connectionEnv, goal };
  const sourcesText = withImportedSource(readIfThere(options.sourcesFile), entry);
  const profile = await profileFile(options, (rows) => {
    if (rows % PROGRESS_ROWS === 0) onProgress({ phase: 'reading', rows });
  });
  const connection = await connectAsOwner(options.connectionField, options.connectionString);
  try {
    await lockImport(connection, word);
    const tables = new ImportTables(connection, word, profile.features);
    try {
      await tables.begin(options.product);
      const range = await writeRows(options, profile, tables, onProgress);
      await tables.swap();
      replaceFile(options.sourcesFile, sourcesText);
      return {
        source,
        product: options.product,
        goal,
        rows: profile.rows,
        goals: profile.goals,
        firstVisit: new Date(range.firstMs).toISOString(),
        lastVisit: new Date(range.lastMs).toISOString(),
        features: profile.features.map(({ name, kind }) => ({ name, kind })),
        notFeatures: profile.notFeatures,
        connectionEnv,
        sourcesFile: options.sourcesFile,
      };
    } finally {
      await tables.drop().catch(() => undefined);
    }
  } catch (thrown) {
    throw databaseError(thrown, options);
  } finally {
    await connection.end().catch(() => undefined);
  }
}

async function writeRows(
  options: CompleteImport,
  profile: FileProfile,
  tables: ImportTables,
  onProgress: (progress: ImportProgress) => void,
): Promise<{ firstMs: number; lastMs: number }> {
  const { product, productName = basename(options.file) } = options;
  const rowOf = profile.reader();
  let firstMs = Infinity;
  let lastMs = -Infinity;
  let written = 0;
  tables.product.add([product, 1, productName]);
  for await (const row of readCsv(csvSettings(options), () => undefined)) {
    const { visitId, visitorId, timeMs, hasGoal } = rowOf(row);
    const time = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
    tables.visit.add([visitId, product, visitorId, time]);
    if (hasGoal) tables.goal.add([visitId, time]);
    const values = profile.features.map(({ place, kind }) => storedValue(row.values[place] ?? '', kind));
    tables.feature.add([visitId, ...values]);
    firstMs = Math.min(firstMs, timeMs);
    lastMs = Math.max(lastMs, timeMs);
    written = row.number;
    for (const insert of tables.inserts) if (insert.isFull) await insert.send();
    if (written % PROGRESS_ROWS === 0) {
      onProgress({ phase: 'writing', rows: written, totalRows: profile.rows });
    }
  }
  for (const insert of tables.inserts) await insert.finish();
  if (written !== profile.rows) {
    const todo = `import it again when it no longer changes: it had ${profile.rows} rows when it was looked through`;
    throw new BadInputError('file-changed', { field: options.file, value: written, todo });
  }
  return { firstMs, lastMs };
}

/** Two imports of one source at a time would each put their own tables in place. The lock goes with the connection. */
async function lockImport(connection: Connection, word: string): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT GET_LOCK(CONCAT(DATABASE(), '.', ?), 0) AS held",
    [word],
  );
  if (rows[0]?.['held'] === 1) return;
  throw new BadInputError('import-running', {
    field: 'source',
    value: word,
    todo: 'wait until the other import of this source has ended',
  });
}

function databaseError(thrown: unknown, options: CompleteImport): Error {
  const { code, sqlMessage = '' } = thrown as { code?: string; sqlMessage?: string };
  if (code === 'ER_DUP_ENTRY') {
    const value = /entry '(.*)' for key/s.exec(sqlMessage)?.[1] ?? sqlMessage;
    const todo = 'give every row an id of its own, in all products of the source; nothing was imported';
    return new BadInputError('duplicate-id', { field: options.idColumn ?? 'row number', value, todo });
  }
  if (code === 'ER_TOO_BIG_ROWSIZE' || code === 'ER_TOO_MANY_FIELDS') {
    const todo = 'exclude columns: the database cannot hold as many in one table';
    return new BadInputError('too-many-columns', { field: options.file, value: sqlMessage, todo });
  }
  return ownerError(options.connectionField, thrown);
}
