import { BadInputError } from '@factory/domain';
import { parseConnectionString } from '@factory/mysql';
import { type OwnRules, MISSING_MARKS, decimalOf, delimiterOf, thousandsOf } from '@factory/rows';
import type { Command } from 'commander';
import { atLeast, collect, name, oneOf, product } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { withFile } from '../program/file-argument';
import { count, instant } from '../rendering/format';
import { goalRequestOf } from '../import/goal-rules';
import { importCsv, type ImportProgress, type ImportResult } from '../import/import-csv';
import { completeImport, type ImportOptions } from '../import/import-options';
import type { FileReport } from '../import/profile-file';
import { renderReport, renderResult } from '../import/render-import';
import { timeRuleOf, type TimeOptions } from '../import/time-options';
import { adminUrlOf, nextSteps, plannedReader, type NewSource } from '../sources/new-source';
import { ADMIN_VARIABLE, readerName } from '../sources/reader-account';
import { windowNote, windowText } from '../rendering/training-window';

/** Options that have the same names in the import itself. */
type SameOptions = Pick<
  ImportOptions,
  | 'productName'
  | 'goalColumn'
  | 'visitorColumn'
  | 'idColumn'
  | 'exclude'
  | 'keep'
  | 'categories'
  | 'numbers'
  | 'decimal'
  | 'missing'
  | 'unlabelled'
  | 'delimiter'
  | 'encoding'
  | 'connectionEnv'
>;

interface Options extends DataOptions, TimeOptions, SameOptions {
  readonly source: string;
  readonly product: number;
  readonly goal?: readonly string[];
  readonly goalValue?: readonly string[];
  readonly otherValue?: readonly string[];
  readonly rest?: 'missing' | 'refuse';
  readonly thousands?: OwnRules['thousands'];
  readonly header?: boolean;
  readonly reader?: string;
}

const READING_HELP = `
How cells are read:
  These cells mean unknown, in upper or lower case: an empty cell, ${MISSING_MARKS.filter(
    (mark) => mark !== '',
  )
    .map((mark) => JSON.stringify(mark).replaceAll('\\\\', '\\'))
    .join(', ')}
  and the values of --missing.
  A column is numeric if every known value is a number: 12, -3.5, 1e5, 12 %, $5 (the signs are dropped). Leading zeros
  (007) make codes, that is categories. Dates and text of more than 255 characters are left out; all else is a category.
  A column with 98 % numbers or more, but not 100 % (1,5 or 1,234.5 or Infinity or a word), is refused until you say how
  to read it: --decimal, --thousands, --missing, --numbers with --rest missing, or --categories.
  The goal's column must say yes (true, yes, y, t, 1) or no (false, no, n, f, 0); name other values with --goal-value
  and --other-value. \`factory score\` reads files of this source by the same rules (stored in sources.yaml).`;

/** `factory import`. */
export function addImport(program: Command, cli: Cli): void {
  withJson(program.command('import [file]').usage('[options] <file>'))
    .summary('load a CSV file as a product of a source')
    .description(
      'Imports a CSV file (with header, plain or gzip) into new tables and declares them in sources.yaml; every ' +
        'column without another role is a feature. Needs SOURCE_ADMIN_URL: the tables are created in its database. ' +
        'Nothing is changed unless the whole file can be read; importing a product again replaces its rows.',
    )
    .option('--goal-column <name>', 'column that says whether the goal was reached')
    .option(
      '--goal <goal>',
      'name of that goal (default: goal); or name=column[:value], repeatable, for several goals in one file',
      collect,
    )
    .option('--goal-value <text...>', 'values that mean yes (default: true, yes, y, t, 1)')
    .option(
      '--other-value <text...>',
      "values that mean no (default: false, no, n, f, 0); '*' = every other value",
    )
    .option(
      '--unlabelled <what>',
      'rows without a label: drop (leave them out) or no (count them as no); default: refuse',
      oneOf('unlabelled', 'drop', 'no'),
    )
    .option('--source <name>', 'name of the source', name('source'), 'main')
    .option('--product <id>', 'id of the product, a positive whole number', product, 1)
    .option('--product-name <text>', 'name of the product (default: the file name)')
    .option('--time-column <name>', 'column with the time of each row')
    .option('--time-format <format>', 'format of the times, such as "dd.MM.yyyy HH:mm" (default: detected)')
    .option('--time-zone <zone>', 'IANA time zone of times without one, such as Europe/Berlin (default: UTC)')
    .option(
      '--month-column <name>',
      'instead of --time-column: month names or numbers; needs --year-column or --start-year',
    )
    .option('--year-column <name>', 'with --month-column: column of the year')
    .option(
      '--day-column <name>',
      'with --month-column: column of the day of the month (default: days are assigned by a hash)',
    )
    .option(
      '--start-year <year>',
      'with --month-column: year of the first row, 1970 to 2200',
      atLeast('start-year', 1970),
    )
    .option(
      '--row-order',
      'with --start-year: rows are in chronological order; a month earlier than in the row above begins a new year',
    )
    .option('--no-time', 'the rows have no times: no rows are held back as out of time')
    .option(
      '--visitor-column <name>',
      "column with the visitor's id (default: each row is a different visitor)",
    )
    .option('--id-column <name>', 'column with a unique id of each row (default: product and row number)')
    .option('--exclude <name...>', 'columns that are not features')
    .option('--keep <name...>', 'time columns that are also features')
    .option('--categories <name...>', 'numeric columns to read as categories, such as codes')
    .option('--numbers <name...>', 'columns to read as numbers')
    .option(
      '--rest <what>',
      'in --numbers columns, values that are not numbers: refuse (default), or missing (unknown)',
      oneOf('rest', 'refuse', 'missing'),
    )
    .option('--decimal <char>', 'decimal separator: comma or dot (default: dot)', decimalOf)
    .option(
      '--thousands <char>',
      'thousands separator: comma, dot, space, apostrophe, underscore, or none (default)',
      thousandsOf,
    )
    .option('--missing <mark...>', 'further cell values that mean unknown')
    .option(
      '--delimiter <char>',
      'between values: comma, semicolon, tab, pipe, colon, space or a character (default: detected)',
      delimiterOf,
    )
    .option('--header', 'the first line contains column names, even if they look like values')
    .option('--encoding <name>', 'character encoding of the file', 'utf-8')
    .option(
      '--connection-env <name>',
      "environment variable with the source's connection string (default: SOURCE_<SOURCE>_URL)",
    )
    .option(
      '--reader <user>',
      'create this account with the rights to read the source and print its connection string; an existing account is never changed',
      readerName,
    )
    .addHelpText('after', READING_HELP)
    .addHelpText(
      'after',
      examples(
        'factory import visits.csv --goal-column sold --time-column visited_at --visitor-column cookie --exclude note',
        'factory import online_shoppers_intention.csv --source shoppers --goal-column Revenue --month-column Month ' +
          '--start-year 2017 --keep Month',
        'factory import bank-full.csv.gz --source bank --goal-column y --month-column month --day-column day ' +
          '--start-year 2008 --row-order --exclude duration',
        'factory import adult.csv --source adult --goal-column income --goal-value ">50K" --other-value "<=50K" --no-time',
        'factory import kunden.csv --source de --goal kauf=gekauft:ja --goal abo=abo:ja --other-value nein ' +
          '--year-column jahr --month-column monat --decimal comma --thousands dot --delimiter semicolon',
        'factory import shop.csv --goal-column sold --time-column at --numbers price --rest missing --unlabelled drop',
      ),
    )
    .action((file: string | undefined, options: Options) => importFile(cli, file, options));
}

async function importFile(cli: Cli, given: string | undefined, options: Options): Promise<void> {
  const connectionString = adminUrlOf(cli);
  const { file, options: own } = withFile(given, options);
  const { database } = parseConnectionString(ADMIN_VARIABLE, connectionString);
  const asked = importOptions(file, own);
  const { connectionEnv } = completeImport({
    ...asked,
    connectionString,
    sourcesFile: cli.servers.sourcesPath,
  });
  const makeReader = await plannedReader(cli, own.reader, { database, connectionEnv });
  let report: FileReport | undefined;
  const result = await importCsv(
    {
      ...asked,
      connectionString,
      connectionField: ADMIN_VARIABLE,
      sourcesFile: cli.servers.sourcesPath,
      limits: cli.servers.fileLimits,
    },
    { onProgress: progressOn(cli), onReport: (found) => (report = found) },
  ).catch((thrown: unknown) => {
    // Whoever has to decide how a column is read needs to see the columns.
    if (report) cli.out.say(`${renderReport(report, cli.out.width)}\n`);
    throw thrown;
  });
  warnOf(cli, result);
  const made: NewSource = {
    source: result.source,
    database,
    connectionEnv: result.connectionEnv,
    ...(await makeReader()),
    sourcesFile: result.sourcesFile,
  };
  cli.out.show(
    own.json,
    { ...result, ...made },
    () =>
      `${renderReport({ ...result, goals: result.labels }, cli.out.width)}\n\n${renderResult(result)}\n\n` +
      `${nextSteps(made)}\n${retrainLines(result)}${windowHint(result)}`,
  );
}

/** Warnings about an import that succeeded. */
function warnOf(cli: Cli, { source, rulesBefore, unmatchedMissing }: ImportResult): void {
  if (rulesBefore !== null)
    cli.out.warn(
      `files of source ${source} were read by other rules before (${rulesBefore}): ` +
        '`factory score` uses the rules of this import from now on, so retrain before you score',
    );
  if (unmatchedMissing.length > 0)
    cli.out.warn(`no cell has these values of --missing: ${unmatchedMissing.join(', ')}`);
}

function importOptions(
  file: string,
  options: Options,
): Omit<ImportOptions, 'connectionString' | 'connectionField' | 'sourcesFile'> {
  const { goal = [], goalValue, otherValue, rest, header, source, product: id, goalColumn } = options;
  const names = goal.filter((one) => !one.includes('='));
  const [goalName] = names;
  if (names.length > 1) {
    const todo =
      'write each as name=column[:value]; only a single goal may take its column from --goal-column';
    throw new BadInputError('invalid-goal', { field: 'goal', value: names, todo });
  }
  const { productName, visitorColumn, idColumn, exclude, keep, categories, numbers } = options;
  const { decimal, thousands, missing, unlabelled, delimiter, encoding, connectionEnv } = options;
  return withoutAbsent({
    ...{
      file,
      source,
      product: id,
      productName,
      goalColumn,
      goal: goalName === undefined ? undefined : name('goal')(goalName),
    },
    goals: goal.filter((one) => one.includes('=')).map(goalRequestOf),
    ...{ goalValues: goalValue, otherValues: otherValue, unlabelled, time: timeRuleOf(options) },
    ...{ visitorColumn, idColumn, exclude, keep, categories, numbers, restMissing: rest === 'missing' },
    ...{
      decimal,
      thousands: thousands ?? undefined,
      missing,
      delimiter,
      isHeader: header,
      encoding,
      connectionEnv,
    },
  });
}

/** The type says "absent", not "undefined". */
function withoutAbsent<Given extends object>(
  given: Given,
): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never;
}

const PROGRESS_EVERY_MS = 1_000;

function progressOn(cli: Cli): (progress: ImportProgress) => void {
  let toldAt = cli.now().getTime();
  return ({ phase, rows, totalRows }) => {
    const now = cli.now().getTime();
    if (now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    cli.out.say(`${phase}: ${count(rows)}${totalRows === undefined ? '' : ` of ${count(totalRows)}`} rows`);
  };
}

/** The requests that train on everything that was imported, one per goal. */
function retrainLines({ source, product: id, labels, firstVisit, lastVisit }: ImportResult): string {
  const isTimed = firstVisit !== null && lastVisit !== null;
  const range = isTimed ? ` --start "${instant(firstVisit)}" --end "${instant(lastVisit)}"` : '';
  return labels
    .map(({ goal }) => `factory retrain --source ${source} --product ${id} --goal ${goal}${range} --wait`)
    .join('\n');
}

/** By default the window may be shorter than the imported range: say so, so that people can ask for the whole range. */
function windowHint({ window, source, goal, product: id }: ImportResult): string {
  if (window === null) return '';
  const note = windowNote([window], `${id} --source ${source} --goal ${goal}`);
  return `\nWith the default policy it trains on ${windowText(window)}.${note && `\n${note}`}`;
}
