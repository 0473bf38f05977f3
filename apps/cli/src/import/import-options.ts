import { BadInputError, checkName, checkProductId } from '@factory/domain';
import type { FileLimits, ReadingRules } from '@factory/rows';
import { basename } from 'node:path';
import type { GoalRequest, LabelWords } from './goal-rules';

/** When each row happened: from one column, or declared by month (and day) columns. */
export type TimeRule = TimeColumnRule | MonthRule | NoTimeRule;

/** No times: all rows get the same instant, and models have no out-of-time part. */
export interface NoTimeRule {
  readonly none: true;
}

export interface TimeColumnRule {
  readonly column: string;
  /** Luxon format such as `dd.MM.yyyy HH:mm`; absent = detected from the values. */
  readonly format?: string;
  /** IANA time zone of times without one. Default UTC. */
  readonly zone?: string;
}

export interface MonthRule {
  /** Month names in English or German, any case, short or long, or numbers 1 to 12. */
  readonly monthColumn: string;
  /** Absent = rows are spread over the days of their month by a hash of their id. */
  readonly dayColumn?: string;
  /** Year of every row, or of the first row if `rowOrder` is set; absent = `yearColumn` has it. */
  readonly startYear?: number;
  /** Column with the year of each row. */
  readonly yearColumn?: string;
  /** Rows are in chronological order: a month earlier than in the row above begins the next year. Default false. */
  readonly rowOrder?: boolean;
}

export interface ImportOptions extends LabelWords, Omit<ReadingRules, 'restMissing'> {
  /** CSV file, plain or gzip. */
  readonly file: string;
  readonly source: string;
  readonly product: number;
  /** Name of the product. Default: the file's name. */
  readonly productName?: string;
  /** Connection string of an account that may create tables; the import's tables are created in its database. */
  readonly connectionString: string | undefined;
  /** Name of the variable that holds the connection string, for messages. Default `SOURCE_ADMIN_URL`. */
  readonly connectionField?: string;
  /** Variable with the connection string that stages use, for sources.yaml. Default `SOURCE_<SOURCE>_URL`. */
  readonly connectionEnv?: string;
  /** sources.yaml to add the source to; created if it does not exist. */
  readonly sourcesFile: string;
  /** Name of the goal of `goalColumn`. Default `goal`. */
  readonly goal?: string;
  readonly goalColumn?: string;
  /** Further goals; the first of all is the source's default goal. */
  readonly goals?: readonly GoalRequest[];
  readonly time: TimeRule;
  /** Default: each row is a different visitor. */
  readonly visitorColumn?: string;
  /** Column with a unique id of each row. Default: product and row number. */
  readonly idColumn?: string;
  /** Columns that are not features. Time, goal, id and visitor columns never are, unless kept. */
  readonly exclude?: readonly string[];
  /** Time columns that are also features. */
  readonly keep?: readonly string[];
  /** Numeric columns to read as categories, such as codes. */
  readonly categories?: readonly string[];
  /** Columns to read as numbers; a value that is not a number is refused, unless `restMissing`. */
  readonly numbers?: readonly string[];
  /** In columns read as numbers, other values count as unknown. Default false. */
  readonly restMissing?: boolean;
  /** One character. Default: detected from the header. */
  readonly delimiter?: string;
  /** The first line contains column names, even if they look like values. Default false. */
  readonly isHeader?: boolean;
  /** Default utf-8. */
  readonly encoding?: string;
  /** How much of the file is read. Default `FILE_LIMITS`. */
  readonly limits?: FileLimits;
}

/** Options with every default filled in. */
export type CompleteImport = Omit<ImportOptions, 'goal' | 'goalColumn' | 'restMissing'> &
  Required<
    Pick<
      ImportOptions,
      | 'connectionField'
      | 'connectionEnv'
      | 'productName'
      | 'goals'
      | 'exclude'
      | 'keep'
      | 'categories'
      | 'numbers'
      | 'encoding'
    >
  > & {
    /** How cells are read; `restMissing` names the columns. */
    readonly rules: ReadingRules;
  };

const LONGEST_NAME = 255;

/**
 * @throws BadInputError `invalid-name`, `invalid-product`, `invalid-delimiter`, `invalid-year`, `missing-goal`,
 *   `invalid-product-name`, `missing-numbers`
 */
export function completeImport(options: ImportOptions): CompleteImport {
  const { goal, goalColumn, decimal, thousands, missing, restMissing = false, numbers = [] } = options;
  const source = checkName('source', options.source);
  const word = source.replaceAll('-', '_').toUpperCase();
  const productName = options.productName ?? basename(options.file).slice(0, LONGEST_NAME);
  if (options.delimiter !== undefined && options.delimiter.length !== 1)
    refuse(
      'invalid-delimiter',
      'delimiter',
      options.delimiter,
      'give one character, or leave it out to have it detected',
    );
  if (productName.length > LONGEST_NAME)
    refuse('invalid-product-name', 'product-name', productName, `give at most ${LONGEST_NAME} characters`);
  if (restMissing && numbers.length === 0)
    refuse('missing-numbers', 'rest', 'missing', 'name the columns that it applies to with --numbers');
  if ('startYear' in options.time) checkYear(options.time.startYear);
  return {
    ...options,
    product: checkProductId(options.product, 'product'),
    productName,
    connectionField: options.connectionField ?? 'SOURCE_ADMIN_URL',
    connectionEnv: options.connectionEnv ?? `SOURCE_${word}_URL`,
    goals: goalsOf(goal, goalColumn, options.goals ?? []),
    exclude: options.exclude ?? [],
    keep: options.keep ?? [],
    categories: options.categories ?? [],
    numbers,
    encoding: options.encoding ?? 'utf-8',
    rules: { decimal, thousands, missing, ...(restMissing ? { restMissing: numbers } : {}) },
  };
}

function goalsOf(
  name: string | undefined,
  column: string | undefined,
  further: readonly GoalRequest[],
): GoalRequest[] {
  if (column !== undefined) return [{ name: checkName('goal', name ?? 'goal'), of: column }, ...further];
  if (name !== undefined)
    refuse('missing-goal', 'goal', name, 'name its column: --goal-column, or --goal name=column');
  if (further.length > 0) return [...further];
  return refuse(
    'missing-goal',
    'goal-column',
    null,
    'name the column that says whether the goal was reached',
  );
}

function checkYear(year: number | undefined): void {
  if (year === undefined || (Number.isInteger(year) && year >= 1970 && year <= 2200)) return;
  refuse('invalid-year', 'start-year', year, 'give the year of the first row, 1970 to 2200');
}

function refuse(code: string, field: string, value: unknown, todo: string): never {
  throw new BadInputError(code, { field, value, todo });
}
