import { BadInputError, checkName, checkProductId } from '@factory/domain';

/** When each row happened: from one column, or declared by month (and day) columns. */
export type TimeRule = TimeColumnRule | MonthRule;

export interface TimeColumnRule {
  readonly column: string;
  /** Luxon format such as `dd.MM.yyyy HH:mm`; absent = found out from the values. */
  readonly format?: string;
  /** IANA zone of times that do not say theirs. Default UTC. */
  readonly zone?: string;
}

export interface MonthRule {
  /** Month names in English or German, any case, short or long, or numbers 1 to 12. */
  readonly monthColumn: string;
  /** Absent = rows are spread over the days of their month by a hash of their id. */
  readonly dayColumn?: string;
  /** Year of every row, or of the first one where `rowOrder` is set. */
  readonly startYear: number;
  /** Rows are in order of date: a month before the one above begins the next year. Default false. */
  readonly rowOrder?: boolean;
}

export interface ImportOptions {
  /** CSV file, plain or gzip. */
  readonly file: string;
  readonly source: string;
  readonly product: number;
  /** Name of the product. Default: the file's name. */
  readonly productName?: string;
  /** Connection string of somebody who may create tables; the import's tables go into its database. */
  readonly connectionString: string | undefined;
  /** What the reader knows the connection string by. Default `SOURCE_ADMIN_URL`. */
  readonly connectionField?: string;
  /** Variable that stages read the source by, for sources.yaml. Default `SOURCE_<SOURCE>_URL`. */
  readonly connectionEnv?: string;
  /** sources.yaml to add the source to; made where there is none. */
  readonly sourcesFile: string;
  /** Name of the goal. Default `goal`. */
  readonly goal?: string;
  readonly goalColumn: string;
  /** Values that mean that the goal was reached, in any case. Default true, yes, y, 1. */
  readonly goalValues?: readonly string[];
  readonly time: TimeRule;
  /** Default: each row is a visitor of its own. */
  readonly visitorColumn?: string;
  /** Column with an id of its own in each row. Default: product and row number. */
  readonly idColumn?: string;
  /** Columns that are not features. Time, goal, id and visitor columns never are, unless kept. */
  readonly exclude?: readonly string[];
  /** Time columns that are features as well. */
  readonly keep?: readonly string[];
  /** Columns of numbers that are codes. */
  readonly categories?: readonly string[];
  /** Columns to read as numbers; a value that is none is refused. */
  readonly numbers?: readonly string[];
  /** Default: found out from the header. */
  readonly delimiter?: string;
  /** Default utf-8. */
  readonly encoding?: string;
}

/** Options with every default filled in. */
export type CompleteImport = ImportOptions &
  Required<
    Pick<
      ImportOptions,
      | 'connectionField'
      | 'connectionEnv'
      | 'goal'
      | 'goalValues'
      | 'exclude'
      | 'keep'
      | 'categories'
      | 'numbers'
      | 'encoding'
    >
  >;

const GOAL_VALUES = ['true', 'yes', 'y', '1'];

/** @throws BadInputError `invalid-name`, `invalid-product`, `invalid-delimiter` or `invalid-year` */
export function completeImport(options: ImportOptions): CompleteImport {
  const source = checkName('source', options.source);
  const word = source.replaceAll('-', '_').toUpperCase();
  if (options.delimiter !== undefined && options.delimiter.length !== 1) {
    const todo = 'give one character, or leave it out to have it found';
    throw new BadInputError('invalid-delimiter', { field: 'delimiter', value: options.delimiter, todo });
  }
  if ('startYear' in options.time) checkYear(options.time.startYear);
  return {
    ...options,
    product: checkProductId(options.product, 'product'),
    connectionField: options.connectionField ?? 'SOURCE_ADMIN_URL',
    connectionEnv: options.connectionEnv ?? `SOURCE_${word}_URL`,
    goal: checkName('goal', options.goal ?? 'goal'),
    goalValues: (options.goalValues ?? GOAL_VALUES).map((value) => value.trim().toLowerCase()),
    exclude: options.exclude ?? [],
    keep: options.keep ?? [],
    categories: options.categories ?? [],
    numbers: options.numbers ?? [],
    encoding: options.encoding ?? 'utf-8',
  };
}

function checkYear(year: number): void {
  if (Number.isInteger(year) && year >= 1970 && year <= 2200) return;
  throw new BadInputError('invalid-year', {
    field: 'start-year',
    value: year,
    todo: 'give the year of the first row, 1970 to 2200',
  });
}
