import { BadInputError, columnNameFault } from '@factory/domain';
import { KindFinder, type FeatureColumn } from './column-kinds';
import { readCsv, type CsvRow } from './csv-file';
import { columnPlace } from './csv-header';
import type { CompleteImport } from './import-options';
import { timeProfile, type TimeProfile, type VisitTimes } from './visit-times';

const MAX_ID = 64;
/** Columns that the dataset has of its own. */
const RESERVED = new Set(['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight']);
const SHOWN_VALUES = 10;

/** One row as it goes into the tables. */
export interface ImportedRow {
  readonly visitId: string;
  readonly visitorId: string;
  readonly timeMs: number;
  readonly hasGoal: boolean;
}

/** What the first pass over the file found; nothing is written before it is known. */
export interface FileProfile {
  readonly rows: number;
  readonly goals: number;
  readonly features: readonly FeatureColumn[];
  /** Columns of the file that are no features. */
  readonly notFeatures: readonly string[];
  /** Reads rows in the second pass, which must be in the order of the file. */
  reader(): (row: CsvRow) => ImportedRow;
}

/**
 * Reads the whole file once: refuses what cannot be imported, finds kinds of columns and the format of times.
 *
 * @throws BadInputError besides those of `readCsv`: `missing-column`, `reserved-column`, `unusable-column`, `no-features`,
 *   `no-rows`, `no-goal`, `all-goals`, `bad-time`, `ambiguous-time`, `not-a-number`, `bad-id`
 */
export async function profileFile(
  options: CompleteImport,
  onRows: (rows: number) => void,
): Promise<FileProfile> {
  let columns: Columns | undefined;
  let rows = 0;
  let goals = 0;
  const seenGoalValues = new Set<string>();
  for await (const row of readCsv(
    csvSettings(options),
    (header) => (columns = new Columns(options, header)),
  )) {
    if (!columns) break;
    columns.times.look(row);
    for (const finder of columns.finders) finder.look(row.values, row.number);
    columns.idOf(row);
    columns.visitorOf(row);
    if (columns.hasGoal(row)) goals++;
    if (seenGoalValues.size <= SHOWN_VALUES) seenGoalValues.add(row.values[columns.goalPlace] ?? '');
    rows = row.number;
    onRows(rows);
  }
  if (!columns || rows === 0) {
    throw new BadInputError('no-rows', { field: options.file, value: 0, todo: 'give rows below the header' });
  }
  checkGoals(options, rows, goals, [...seenGoalValues]);
  const found = columns;
  const features = found.finders.map((finder) => finder.column);
  found.times.reader();
  return {
    rows,
    goals,
    features,
    notFeatures: found.notFeatures,
    reader: () => {
      const times: VisitTimes = found.times.reader();
      return (row) => {
        const visitId = found.idOf(row);
        return {
          visitId,
          visitorId: found.visitorOf(row) ?? visitId,
          timeMs: times.of(row, visitId),
          hasGoal: found.hasGoal(row),
        };
      };
    },
  };
}

/** How `readCsv` reads the file of an import. */
export function csvSettings({ file, encoding, delimiter }: CompleteImport): Parameters<typeof readCsv>[0] {
  return { file, encoding, delimiter };
}

/** The columns of the file by what they are for. */
class Columns {
  readonly times: TimeProfile;
  readonly goalPlace: number;
  readonly finders: readonly KindFinder[];
  readonly notFeatures: readonly string[];
  private readonly idPlace: number | undefined;
  private readonly visitorPlace: number | undefined;
  private readonly goalValues: ReadonlySet<string>;

  constructor(
    private readonly options: CompleteImport,
    header: readonly string[],
  ) {
    const { time, goalColumn, idColumn, visitorColumn } = options;
    const optional = (option: string, name?: string) =>
      name === undefined ? undefined : columnPlace(header, option, name);
    this.goalPlace = columnPlace(header, 'goal-column', goalColumn);
    this.idPlace = optional('id-column', idColumn);
    this.visitorPlace = optional('visitor-column', visitorColumn);
    this.goalValues = new Set(options.goalValues);
    this.times = timeProfile(time, header, `import|${options.source}|${options.product}`);
    for (const option of ['exclude', 'keep', 'categories', 'numbers'] as const) {
      for (const name of options[option]) columnPlace(header, option, name);
    }
    const timeColumns = 'column' in time ? [time.column] : [time.monthColumn, time.dayColumn];
    const roles = new Set([
      goalColumn,
      idColumn,
      visitorColumn,
      ...options.exclude,
      ...timeColumns.filter((name) => name === undefined || !options.keep.includes(name)),
    ]);
    this.notFeatures = header.filter((name) => roles.has(name));
    this.finders = header.flatMap((name, place) => (roles.has(name) ? [] : [this.finder(name, place)]));
    if (this.finders.length === 0) {
      const todo = 'leave at least one column that is neither goal, time, id, visitor nor excluded';
      throw new BadInputError('no-features', { field: options.file, value: header, todo });
    }
  }

  hasGoal(row: CsvRow): boolean {
    return this.goalValues.has((row.values[this.goalPlace] ?? '').trim().toLowerCase());
  }

  idOf(row: CsvRow): string {
    if (this.idPlace === undefined) return `${this.options.product}-${row.number}`;
    return checkId(`${this.options.idColumn ?? ''}, row ${row.number}`, row.values[this.idPlace] ?? '');
  }

  visitorOf(row: CsvRow): string | undefined {
    if (this.visitorPlace === undefined) return undefined;
    return checkId(
      `${this.options.visitorColumn ?? ''}, row ${row.number}`,
      row.values[this.visitorPlace] ?? '',
    );
  }

  private finder(name: string, place: number): KindFinder {
    if (RESERVED.has(name.toLowerCase())) {
      const todo = 'exclude the column, or give it another name in the file: the dataset has one of its own';
      throw new BadInputError('reserved-column', { field: this.options.file, value: name, todo });
    }
    const fault = columnNameFault(name);
    if (fault !== undefined)
      throw new BadInputError('unusable-column', { field: this.options.file, value: name, todo: fault });
    const { categories, numbers } = this.options;
    const declared = categories.includes(name) ? 'category' : numbers.includes(name) ? 'number' : undefined;
    return new KindFinder(name, place, declared);
  }
}

function checkId(field: string, value: string): string {
  const id = value.trim();
  if (id !== '' && id.length <= MAX_ID) return id;
  throw new BadInputError('bad-id', { field, value, todo: `give it an id of 1 to ${MAX_ID} characters` });
}

function checkGoals(options: CompleteImport, rows: number, goals: number, values: readonly string[]): void {
  if (goals > 0 && goals < rows) return;
  const shown = values.slice(0, SHOWN_VALUES).map((value) => JSON.stringify(value));
  throw new BadInputError(goals === 0 ? 'no-goal' : 'all-goals', {
    field: `goal-column ${options.goalColumn}`,
    value: options.goalValues,
    todo:
      `say with --goal-value which of its values mean that the goal was reached: the column holds ` +
      `${shown.join(', ')}${values.length > SHOWN_VALUES ? ' and more' : ''}`,
  });
}
