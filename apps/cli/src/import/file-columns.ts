import { BadInputError, BadInputsError, columnNameFault } from '@factory/domain';
import { cellReader, type CellReader, type CsvRow, columnPlace, placeOf } from '@factory/rows';
import {
  ColumnWatch,
  shellWord,
  type ColumnProfile,
  type DeclaredKind,
  type FeatureKind,
} from './column-kinds';
import { resolveGoals } from './goal-rules';
import type { CompleteImport } from './import-options';
import { LabelCounts } from './label-counts';
import { timeColumns, timeProfile, type TimeProfile } from './visit-times';

const MAX_ID = 64;
/** Longest column name in MySQL, in characters. */
const MAX_NAME = 64;
/** The dataset's own columns. */
const RESERVED = new Set(['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight', 'visitor_half']);
/** Different values that are counted of one column at most, and of all columns together. */
const MOST_LEVELS = 1_000;
const MOST_LEVELS_TOGETHER = 200_000;

export type ColumnRole = 'feature' | 'goal' | 'time' | 'id' | 'visitor' | 'excluded' | 'left out';

/** A column of the file: its role and its content. */
export interface FileColumn extends ColumnProfile {
  readonly role: ColumnRole;
}

/** A column that becomes a column of a feature table. */
export interface FeatureColumn {
  readonly name: string;
  readonly place: number;
  readonly kind: FeatureKind;
  readonly longest: number;
}

/** The columns of a file by role; processes every row of the first pass. */
export class FileColumns {
  readonly reader: CellReader;
  readonly times: TimeProfile;
  readonly labels: readonly LabelCounts[];
  private readonly roles: readonly ColumnRole[];
  private readonly watches: readonly ColumnWatch[];
  private readonly idPlace: number | undefined;
  private readonly visitorPlace: number | undefined;

  /** @throws BadInputError `missing-column`, `reserved-column`, `unusable-column`, `no-features` */
  constructor(
    private readonly options: CompleteImport,
    header: readonly string[],
  ) {
    const { time, idColumn, visitorColumn, rules, exclude } = options;
    const placed = (option: string, name?: string) =>
      name === undefined ? undefined : columnPlace(header, option, name);
    this.reader = cellReader(rules);
    this.labels = resolveGoals(header, options.goals).map(
      (goal) => new LabelCounts(goal, options, this.reader),
    );
    this.idPlace = placed('id-column', idColumn);
    this.visitorPlace = placed('visitor-column', visitorColumn);
    this.times = timeProfile(time, header, `import|${options.source}|${options.product}`);
    for (const option of ['exclude', 'keep', 'categories', 'numbers'] as const) {
      for (const name of options[option]) columnPlace(header, option, name);
    }
    const places = (names: readonly string[]) => new Set(names.map((name) => placeOf(header, name)));
    const [timePlaces, kept, excluded] = [timeColumns(time), options.keep, exclude].map(places);
    const goalPlaces = new Set(this.labels.map(({ goal }) => goal.place));
    this.roles = header.map((_, place): ColumnRole => {
      if (goalPlaces.has(place)) return 'goal';
      if (place === this.idPlace) return 'id';
      if (place === this.visitorPlace) return 'visitor';
      if (excluded?.has(place)) return 'excluded';
      return timePlaces?.has(place) && !kept?.has(place) ? 'time' : 'feature';
    });
    const mostLevels = Math.max(50, Math.min(MOST_LEVELS, Math.floor(MOST_LEVELS_TOGETHER / header.length)));
    this.watches = header.map((name, place) => {
      const isFeature = this.roles[place] === 'feature';
      if (isFeature) checkFeatureName(options.file, name);
      const declared = isFeature ? this.declared(header, place) : { kind: undefined, restMissing: false };
      return new ColumnWatch(name, place, this.reader, declared, mostLevels);
    });
    if (!this.roles.includes('feature')) {
      const todo = 'leave at least one column that is neither goal, time, id, visitor nor excluded';
      throw new BadInputError('no-features', { field: options.file, value: header, todo });
    }
  }

  /** @throws BadInputError `bad-time`, `bad-id`, `not-a-number`, `long-category`, `not-a-label` */
  look(row: CsvRow): void {
    for (const watch of this.watches) watch.look(row.values, row.number);
    const meanings = this.labels.map((label) => label.look(row.values));
    const isKept = this.options.unlabelled !== 'drop' || !meanings.includes('unlabelled');
    if (isKept) this.labels.forEach((label, at) => label.keep(meanings[at] ?? 'no'));
    this.times.look(row);
    this.idOf(row);
    this.visitorOf(row);
  }

  get columns(): FileColumn[] {
    return this.watches.map((watch, place): FileColumn => {
      const profile = watch.profile;
      const role = this.roles[place] ?? 'feature';
      const isLeftOut = role === 'feature' && profile.kind !== 'number' && profile.kind !== 'category';
      return { ...profile, role: isLeftOut ? 'left out' : role };
    });
  }

  /** @throws BadInputsError with the code of the first column whose kind is ambiguous; `kept-date` */
  features(columns: readonly FileColumn[]): FeatureColumn[] {
    for (const name of this.options.keep) refuseKept(name, columns);
    const found = columns.filter(({ role }) => role === 'feature');
    const doubts = found.flatMap(({ doubt }) => doubt ?? []);
    const [first] = doubts;
    if (first) throw new BadInputsError(first.code, doubts);
    if (found.length === 0) {
      const value = columns.map(({ name, role, kind }) => `${name}: ${role === 'left out' ? kind : role}`);
      const todo = 'leave at least one column that holds numbers or categories';
      throw new BadInputError('no-features', { field: this.options.file, value, todo });
    }
    return found.flatMap(({ name, place, kind, longest }) =>
      kind === 'number' || kind === 'category' ? [{ name, place, kind, longest }] : [],
    );
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

  private declared(header: readonly string[], place: number): DeclaredKind {
    const { categories, numbers, file } = this.options;
    const names = (list: readonly string[]) => list.some((name) => placeOf(header, name) === place);
    const [isCategory, isNumber] = [names(categories), names(numbers)];
    if (isCategory && isNumber) {
      const todo = 'name it either with --numbers or with --categories';
      throw new BadInputError('two-kinds', { field: file, value: header[place], todo });
    }
    const kind = isCategory ? 'category' : isNumber ? 'number' : undefined;
    return { kind, restMissing: isNumber && this.options.rules.restMissing !== undefined };
  }
}

/** A time column may be kept as a feature where it holds months or weekdays. @throws BadInputError `kept-date` */
function refuseKept(name: string, columns: readonly FileColumn[]): void {
  const place = placeOf(
    columns.map((one) => one.name),
    name,
  );
  const column = columns[place ?? -1];
  if (column?.role !== 'left out') return;
  const todo =
    `do not keep it: ${column.why}, which no model can use; ` +
    `--categories ${shellWord(column.name)} reads each value as a category`;
  throw new BadInputError('kept-date', { field: 'keep', value: name, todo });
}

/** Features become columns of a table. @throws BadInputError `reserved-column`, `long-header`, `unusable-column` */
function checkFeatureName(file: string, name: string): void {
  const field = `${file}, first line`;
  if (RESERVED.has(name.toLowerCase())) {
    const todo = 'exclude the column, or rename it in the file: the dataset has its own column of this name';
    throw new BadInputError('reserved-column', { field, value: name, todo });
  }
  if (name.length > MAX_NAME) {
    const todo = `shorten the name to ${MAX_NAME} characters, or exclude the column`;
    throw new BadInputError('long-header', { field, value: name, todo });
  }
  const fault = columnNameFault(name);
  if (fault !== undefined) throw new BadInputError('unusable-column', { field, value: name, todo: fault });
}

function checkId(field: string, value: string): string {
  const id = value.trim();
  if (id !== '' && id.length <= MAX_ID) return id;
  throw new BadInputError('bad-id', { field, value, todo: `give it an id of 1 to ${MAX_ID} characters` });
}
