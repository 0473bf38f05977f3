import type { WindowMessage } from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import { connectAsOwner, ownerError } from '@factory/mysql';
import { readCsv } from '@factory/rows';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { expectedWindow } from './expected-window';
import type { FileColumn } from './file-columns';
import { completeImport, type CompleteImport, type ImportOptions } from './import-options';
import { ImportTables } from './import-tables';
import {
  csvSettings,
  profileFile,
  type FileProfile,
  type FileReport,
  type GoalProfile,
} from './profile-file';
import {
  checkSameSource,
  declaredSource,
  readIfThere,
  replaceFile,
  rulesDiffer,
  rulesInWords,
  withImportedSource,
} from './sources-entry';

export interface ImportProgress {
  readonly phase: 'reading' | 'writing';
  readonly rows: number;
  /** Known before writing. */
  readonly totalRows?: number;
}

/** A column as `--json` prints it. */
export type ShownColumn = Omit<FileColumn, 'doubt' | 'longest' | 'place'>;

/** Observer of an import in progress. */
export interface ImportWatcher {
  readonly onProgress?: (progress: ImportProgress) => void;
  /** The content of the file, before anything in it is refused. */
  readonly onReport?: (report: FileReport) => void;
}

export interface ImportResult {
  readonly source: string;
  readonly product: number;
  /** The source's default goal. */
  readonly goal: string;
  /** Rows that were imported. */
  readonly rows: number;
  /** Rows left out because they have no label. */
  readonly droppedRows: number;
  /** Rows with the default goal. */
  readonly goals: number;
  /** ISO 8601, UTC: the range to request for all rows; null = the rows have no time. */
  readonly firstVisit: string | null;
  readonly lastVisit: string | null;
  /** The window of a retrain over all rows with the default policy; null = no time, or too few days. */
  readonly window: WindowMessage | null;
  /** Every goal with its label values. */
  readonly labels: readonly (GoalProfile & { readonly rows: number })[];
  /** Every column of the file. */
  readonly columns: readonly ShownColumn[];
  readonly unnamed: readonly string[];
  /** The previous reading rules of the source, as options; null = unchanged, or a new source. */
  readonly rulesBefore: string | null;
  /** Values of `missing` that no cell has. */
  readonly unmatchedMissing: readonly string[];
  readonly connectionEnv: string;
  readonly sourcesFile: string;
}

/** Error codes of the database for names and values that its tables cannot store. */
const REFUSED_VALUES: ReadonlySet<string> = new Set([
  'ER_DATA_TOO_LONG',
  'ER_DUP_FIELDNAME',
  'ER_NET_PACKET_TOO_LARGE',
  'ER_TOO_LONG_IDENT',
  'ER_TRUNCATED_WRONG_VALUE',
  'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
  'ER_WARN_DATA_OUT_OF_RANGE',
  'ER_WRONG_COLUMN_NAME',
]);

/** Interval between progress reports, in rows. */
const PROGRESS_ROWS = 10_000;

/**
 * Imports a CSV file as a product of a source: tables `<source>_product`, `_visit`, `_goal` and `_feature` (numbered
 * where there are several of a kind), and the source's entry in sources.yaml. The file is read twice and never held
 * in memory: the first pass finds every fault, the second writes new tables, which then replace the old ones
 * atomically. If anything fails, the previous state remains. Importing a product again replaces its rows.
 *
 * @throws BadInputError, BadInputsError for every fault of the options or the file, each with what to do
 * @throws ServerAwayError `source-away`
 */
export async function importCsv(given: ImportOptions, watcher: ImportWatcher = {}): Promise<ImportResult> {
  const options = completeImport(given);
  const { source, connectionEnv, rules } = options;
  const word = source.replaceAll('-', '_');
  declaredSource(readIfThere(options.sourcesFile), source);
  const { onProgress = () => undefined, onReport } = watcher;
  const profile = await profileFile(
    options,
    (rows) => {
      if (rows % PROGRESS_ROWS === 0) onProgress({ phase: 'reading', rows });
    },
    onReport,
  );
  const goals = profile.goals.map(({ goal }) => goal);
  const noTime = 'none' in options.time;
  const connection = await connectAsOwner(options.connectionField, options.connectionString);
  try {
    await lockImport(connection, word);
    const tables = new ImportTables(connection, word, goals.length, profile.features);
    const { featureTables } = tables;
    const entry = { source, word, connectionEnv, goals, featureTables, noTime, rules };
    const before = declaredSource(readIfThere(options.sourcesFile), source);
    // Read again before it is written: minutes may have passed, and others may have declared sources in it.
    const sourcesText = (): string => withImportedSource(readIfThere(options.sourcesFile), entry);
    sourcesText();
    try {
      await tables.begin(options.product, () => checkSameSource(before, entry));
      const written = await writeRows(options, profile, tables, onProgress);
      await tables.swap();
      replaceFile(options.sourcesFile, sourcesText());
      const window = noTime ? null : await expectedWindow(connection, word, options.product, written);
      const rulesBefore = before && rulesDiffer(before, rules) ? rulesInWords(before.csv ?? {}) : null;
      return { ...resultOf(options, profile, written, window), rulesBefore };
    } finally {
      await tables.drop().catch(() => undefined);
    }
  } catch (thrown) {
    throw databaseError(thrown, options);
  } finally {
    await unlockImport(connection, word).catch(() => undefined);
    await connection.end().catch(() => undefined);
  }
}

interface Written {
  readonly rows: number;
  /** By goal. */
  readonly goals: readonly number[];
  readonly firstMs: number;
  readonly lastMs: number;
}

function resultOf(
  options: CompleteImport,
  profile: FileProfile,
  written: Written,
  window: WindowMessage | null,
): Omit<ImportResult, 'rulesBefore'> {
  const isTimed = !('none' in options.time);
  return {
    source: options.source,
    product: options.product,
    goal: profile.goals[0]?.goal ?? '',
    rows: written.rows,
    droppedRows: profile.rows - written.rows,
    goals: written.goals[0] ?? 0,
    firstVisit: isTimed ? new Date(written.firstMs).toISOString() : null,
    lastVisit: isTimed ? new Date(written.lastMs).toISOString() : null,
    window,
    labels: profile.goals.map((one, at) => ({ ...one, rows: written.goals[at] ?? 0 })),
    columns: profile.columns.map(shownColumn),
    unnamed: profile.unnamed,
    unmatchedMissing: profile.unmatchedMissing,
    connectionEnv: options.connectionEnv,
    sourcesFile: options.sourcesFile,
  };
}

function shownColumn(column: FileColumn): ShownColumn {
  const { name, role, kind, why, missing, levels, allLevels, min, max, examples } = column;
  return { name, role, kind, why, missing, levels, allLevels, min, max, examples };
}

async function writeRows(
  options: CompleteImport,
  profile: FileProfile,
  tables: ImportTables,
  onProgress: (progress: ImportProgress) => void,
): Promise<Written> {
  const { product, productName } = options;
  const rowOf = profile.reader();
  const goals = profile.goals.map(() => 0);
  let firstMs = Infinity;
  let lastMs = -Infinity;
  let read = 0;
  let rows = 0;
  tables.product.add([product, 1, productName]);
  for await (const row of readCsv(csvSettings(options), () => undefined)) {
    read = row.number;
    const imported = rowOf(row);
    if (imported !== undefined) {
      const { visitId, visitorId, timeMs, reached, values } = imported;
      const time = new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ');
      tables.visit.add([visitId, product, visitorId, time]);
      reached.forEach((isReached, at) => {
        if (!isReached) return;
        tables.goals[at]?.add([visitId, time]);
        goals[at] = (goals[at] ?? 0) + 1;
      });
      for (const { insert, from, to } of tables.features) insert.add([visitId, ...values.slice(from, to)]);
      firstMs = Math.min(firstMs, timeMs);
      lastMs = Math.max(lastMs, timeMs);
      rows++;
    }
    for (const insert of tables.inserts) if (insert.isFull) await insert.send();
    if (read % PROGRESS_ROWS === 0) onProgress({ phase: 'writing', rows: read, totalRows: profile.rows });
  }
  for (const insert of tables.inserts) await insert.finish();
  if (read !== profile.rows) {
    const todo = `import it again when it no longer changes: it had ${profile.rows} rows in the first pass`;
    throw new BadInputError('file-changed', { field: options.file, value: read, todo });
  }
  return { rows, goals, firstMs, lastMs };
}

/**
 * Two simultaneous imports of one source would each put their own tables in place. The lock ends with the
 * connection.
 */
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

/**
 * A server notices some time after it that a connection has ended: the next import would find one that is running. Does
 * nothing where the lock is another's.
 */
async function unlockImport(connection: Connection, word: string): Promise<void> {
  await connection.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.', ?))", [word]);
}

function databaseError(thrown: unknown, options: CompleteImport): Error {
  const { code, sqlMessage = '' } = thrown as { code?: string; sqlMessage?: string };
  if (code === 'ER_DUP_ENTRY') {
    const value = /entry '(.*)' for key/s.exec(sqlMessage)?.[1] ?? sqlMessage;
    const todo = 'give every row a unique id, in all products of the source; nothing was imported';
    return new BadInputError('duplicate-id', { field: options.idColumn ?? 'row number', value, todo });
  }
  if (code === 'ER_TOO_BIG_ROWSIZE' || code === 'ER_TOO_MANY_FIELDS') {
    const todo = 'exclude columns: the database cannot hold as many in one table';
    return new BadInputError('too-many-columns', { field: options.file, value: sqlMessage, todo });
  }
  if (code !== undefined && REFUSED_VALUES.has(code)) {
    const todo =
      'correct the column or value that the database names, or exclude the column; nothing was imported';
    return new BadInputError(
      'refused-by-database',
      { field: options.file, value: sqlMessage, todo },
      { cause: thrown },
    );
  }
  return ownerError(options.connectionField, thrown);
}
