import { BadInputError } from '@factory/domain';
import { cellValue, readCsv, type CsvRow, type CsvSettings } from '@factory/rows';
import { FileColumns, type FeatureColumn, type FileColumn } from './file-columns';
import type { CompleteImport } from './import-options';
import type { LabelCount } from './label-counts';
import type { VisitTimes } from './visit-times';

/** One row as written to the tables. */
export interface ImportedRow {
  readonly visitId: string;
  readonly visitorId: string;
  readonly timeMs: number;
  /** Label of each goal, in the order of the profile's goals. */
  readonly reached: readonly boolean[];
  /** In the order of the profile's features. */
  readonly values: readonly (number | string | null)[];
}

/** The label values of one goal. */
export interface GoalProfile {
  readonly goal: string;
  readonly column: string;
  readonly labels: readonly LabelCount[];
}

/** The report on a file for people, also when it is refused. */
export interface FileReport {
  /** Rows of the file. */
  readonly rows: number;
  readonly columns: readonly FileColumn[];
  readonly goals: readonly GoalProfile[];
  /** Generated names of columns without a name. */
  readonly unnamed: readonly string[];
}

/** Result of the first pass over the file; nothing is written before that. */
export interface FileProfile extends FileReport {
  readonly features: readonly FeatureColumn[];
  /** Values of `--missing` that no cell has. */
  readonly unmatchedMissing: readonly string[];
  /** Reads the rows in the second pass, in the order of the file; undefined = the row is dropped. */
  reader(): (row: CsvRow) => ImportedRow | undefined;
}

/**
 * Reads the whole file once: refuses what cannot be imported, detects the kinds of columns and the format of times.
 *
 * @param onReport called with the content of the file before anything in it is refused
 * @throws BadInputError, BadInputsError besides those of `readCsv` and `FileColumns`: `no-rows`, `ambiguous-time`,
 *   `nearly-numbers`, `mixed-units`, and those of `LabelCounts.check`
 */
export async function profileFile(
  options: CompleteImport,
  onRows: (rows: number) => void,
  onReport: (report: FileReport) => void = () => undefined,
): Promise<FileProfile> {
  let found: FileColumns | undefined;
  let unnamed: readonly string[] = [];
  let rows = 0;
  const rowsOf = readCsv(csvSettings(options), (header, _, madeUp) => {
    found = new FileColumns(options, header);
    unnamed = madeUp;
  });
  for await (const row of rowsOf) {
    found?.look(row);
    rows = row.number;
    onRows(rows);
  }
  if (!found || rows === 0) {
    throw new BadInputError('no-rows', { field: options.file, value: 0, todo: 'give rows below the header' });
  }
  const { columns, labels, times } = found;
  const goals = labels.map(({ goal, counts }) => ({ goal: goal.name, column: goal.column, labels: counts }));
  const report: FileReport = { rows, columns, goals, unnamed };
  onReport(report);
  for (const label of labels) label.check();
  const features = found.features(columns);
  times.reader();
  return {
    ...report,
    features,
    unmatchedMissing: found.reader.unmatchedMarks(),
    reader: () => rowReader(options, found as FileColumns, features, times.reader()),
  };
}

function rowReader(
  { unlabelled }: CompleteImport,
  columns: FileColumns,
  features: readonly FeatureColumn[],
  times: VisitTimes,
): (row: CsvRow) => ImportedRow | undefined {
  return (row) => {
    const visitId = columns.idOf(row);
    const timeMs = times.of(row, visitId);
    const meanings = columns.labels.map((label) => label.meaningOf(row.values));
    if (unlabelled === 'drop' && meanings.includes('unlabelled')) return undefined;
    return {
      visitId,
      visitorId: columns.visitorOf(row) ?? visitId,
      timeMs,
      reached: meanings.map((meaning) => meaning === 'yes'),
      values: features.map(({ place, kind }) => storedValue(columns, row.values[place] ?? '', kind)),
    };
  };
}

/**
 * A value that is not a number in a column of numbers was declared unknown, or the first pass would have refused
 * it.
 */
function storedValue(
  { reader }: FileColumns,
  cell: string,
  kind: FeatureColumn['kind'],
): number | string | null {
  const value = cellValue(reader, cell, kind);
  return kind === 'number' && typeof value === 'string' ? null : value;
}

/** How `readCsv` reads the file of an import. */
export function csvSettings({ file, encoding, delimiter, isHeader, limits }: CompleteImport): CsvSettings {
  return { file, encoding, delimiter, isHeader, limits };
}
