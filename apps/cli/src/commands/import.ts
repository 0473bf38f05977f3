import { BadInputError } from '@factory/domain';
import { parseConnectionString } from '@factory/sql';
import type { Command } from 'commander';
import { atLeast, name, product } from '../arguments';
import { examples, withJson, type Cli, type DataOptions } from '../cli';
import { count, instant, percent } from '../format';
import { importCsv, type ImportProgress, type ImportResult } from '../import/import-csv';
import type { TimeRule } from '../import/import-options';
import { adminUrlOf, nextSteps, type NewSource } from '../new-source';
import { ADMIN_VARIABLE, createReader } from '../reader-account';
import { renderPairs } from '../table';

interface Options extends DataOptions {
  readonly source: string;
  readonly product: number;
  readonly productName?: string;
  readonly goal?: string;
  readonly goalColumn: string;
  readonly goalValue?: readonly string[];
  readonly timeColumn?: string;
  readonly timeFormat?: string;
  readonly timeZone?: string;
  readonly monthColumn?: string;
  readonly dayColumn?: string;
  readonly startYear?: number;
  readonly rowOrder?: boolean;
  readonly visitorColumn?: string;
  readonly idColumn?: string;
  readonly exclude?: readonly string[];
  readonly keep?: readonly string[];
  readonly categories?: readonly string[];
  readonly numbers?: readonly string[];
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly connectionEnv?: string;
  readonly reader?: string;
}

/** `factory import`. */
export function addImport(program: Command, cli: Cli): void {
  withJson(program.command('import <file>'))
    .summary('load a CSV file as a product of a source')
    .description(
      'Reads a CSV file (with header, plain or gzip) into tables of its own and declares them in sources.yaml; every ' +
        'column that is not said to be something else is a feature. Needs SOURCE_ADMIN_URL: the tables go into its ' +
        'database. Nothing is changed unless the whole file can be read; importing a product again replaces it.',
    )
    .requiredOption('--goal-column <name>', 'column that says whether the goal was reached')
    .option('--goal-value <text...>', 'values that mean yes, in any case (default: true, yes, y, 1)')
    .option('--goal <name>', 'name of the goal (default: goal)', name('goal'))
    .option('--source <name>', 'name of the source', name('source'), 'main')
    .option('--product <id>', 'id of the product', product, 1)
    .option('--product-name <text>', 'name of the product (default: the file)')
    .option('--time-column <name>', 'column with the time of each row')
    .option('--time-format <format>', 'such as "dd.MM.yyyy HH:mm" (default: found in the values)')
    .option('--time-zone <zone>', 'of times that do not say theirs (default: UTC)')
    .option('--month-column <name>', 'instead of a time: month names or numbers; needs --start-year')
    .option('--day-column <name>', 'with --month-column: day of the month (default: spread by a hash)')
    .option('--start-year <year>', 'with --month-column: year of the first row', atLeast('start-year', 1970))
    .option('--row-order', 'with --month-column: rows are in order, so that an earlier month begins a year')
    .option('--visitor-column <name>', 'who visited (default: each row is a visitor of its own)')
    .option('--id-column <name>', "each row's own id (default: product and row number)")
    .option('--exclude <name...>', 'columns that are no features')
    .option('--keep <name...>', 'time columns that are features as well')
    .option('--categories <name...>', 'columns of numbers that are codes')
    .option('--numbers <name...>', 'columns to read as numbers; a value that is none is refused')
    .option('--delimiter <char>', 'between the values (default: found in the header)')
    .option('--encoding <name>', 'of the file', 'utf-8')
    .option('--connection-env <name>', 'variable for its connection string (default: SOURCE_<SOURCE>_URL)')
    .option('--reader <user>', 'create this account with the shipped grants and print its connection string')
    .addHelpText(
      'after',
      examples(
        'factory import visits.csv --goal-column sold --time-column visited_at --visitor-column cookie --exclude note',
        'factory import online_shoppers_intention.csv --source shoppers --goal-column Revenue --month-column Month ' +
          '--start-year 2017 --keep Month',
        'factory import bank-full.csv.gz --source bank --goal-column y --month-column month --day-column day ' +
          '--start-year 2008 --row-order --exclude duration',
      ),
    )
    .action((file: string, options: Options) => importFile(cli, file, options));
}

async function importFile(cli: Cli, file: string, options: Options): Promise<void> {
  const connectionString = adminUrlOf(cli);
  const time = timeRuleOf(options);
  const { goalValue, reader, ...same } = options;
  const result = await importCsv(
    {
      ...same,
      file,
      time,
      connectionString,
      connectionField: ADMIN_VARIABLE,
      sourcesFile: cli.servers.sourcesPath,
      ...(goalValue ? { goalValues: goalValue } : {}),
    },
    progressOn(cli),
  );
  const { database } = parseConnectionString(ADMIN_VARIABLE, connectionString);
  const made: NewSource = {
    source: result.source,
    database,
    connectionEnv: result.connectionEnv,
    ...(reader === undefined
      ? {}
      : { connectionString: await createReader(connectionString, reader, database) }),
    sourcesFile: result.sourcesFile,
  };
  cli.out.show(
    options.json,
    { ...result, ...made },
    () => `${summary(result)}\n\n${nextSteps(made)}\n${retrainLine(result)}`,
  );
}

/** Either a time column, or months. @throws BadInputError `missing-time`, `missing-year`, `two-times` */
function timeRuleOf(options: Options): TimeRule {
  const { timeColumn, timeFormat, timeZone, monthColumn, dayColumn, startYear, rowOrder } = options;
  const refuse = (code: string, field: string, value: unknown, todo: string): never => {
    throw new BadInputError(code, { field, value, todo });
  };
  if (timeColumn !== undefined && monthColumn !== undefined)
    refuse('two-times', 'month-column', monthColumn, 'give either --time-column or --month-column');
  if (timeColumn !== undefined)
    return {
      column: timeColumn,
      ...(timeFormat === undefined ? {} : { format: timeFormat }),
      ...(timeZone === undefined ? {} : { zone: timeZone }),
    };
  if (monthColumn === undefined)
    return refuse('missing-time', 'time-column', null, 'name it, or give --month-column and --start-year');
  if (startYear === undefined)
    return refuse('missing-year', 'start-year', null, 'give the year of the first row');
  return {
    monthColumn,
    startYear,
    rowOrder: rowOrder ?? false,
    ...(dayColumn === undefined ? {} : { dayColumn }),
  };
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

function summary(result: ImportResult): string {
  const named = (kind: string): string =>
    result.features
      .filter((one) => one.kind === kind)
      .map((one) => one.name)
      .join(', ');
  return renderPairs([
    ['source', result.source],
    ['product', String(result.product)],
    ['rows', count(result.rows)],
    ['with the goal', `${count(result.goals)} (${percent(result.goals / result.rows)})`],
    ['from, to (UTC)', `${instant(result.firstVisit)}, ${instant(result.lastVisit)}`],
    ['numbers', named('number')],
    ['categories', named('category')],
    ['no features', result.notFeatures.join(', ')],
  ]);
}

/** The request that trains over everything that was imported. */
function retrainLine({ source, product, goal, firstVisit, lastVisit }: ImportResult): string {
  const range = `--start "${instant(firstVisit)}" --end "${instant(lastVisit)}"`;
  return `factory retrain --source ${source} --product ${product} --goal ${goal} ${range} --wait`;
}
