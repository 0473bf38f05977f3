import { InvalidArgumentError, type Command } from 'commander';
import { BadInputError } from '@factory/domain';
import {
  FEATURE_SETS,
  demoProducts,
  fleetProducts,
  loadShop,
  shopNames,
  type FeatureSet,
  type LoadedShop,
  type ProductOptions,
} from '@factory/simulator';
import { stringify } from 'yaml';
import { atLeast, name } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { count, figure, percent } from '../rendering/format';
import { adminUrlOf, nextSteps, plannedReader, registerSource } from '../sources/new-source';
import { readerName } from '../sources/reader-account';
import { renderTable } from '../rendering/table';

interface Options extends DataOptions {
  readonly source: string;
  readonly product?: readonly ProductOptions[];
  readonly fleet?: number;
  readonly seed: number;
  readonly days: number;
  readonly end?: Date;
  readonly features: FeatureSet;
  readonly signal?: number;
  readonly database?: string;
  readonly connectionEnv?: string;
  readonly reader?: string;
  readonly replace?: boolean;
  readonly register: boolean;
}

/** `factory simulate`. */
export function addSimulate(program: Command, cli: Cli): void {
  withJson(program.command('simulate'))
    .summary('fill a database with a simulated shop whose true propensities are known')
    .description(
      'Creates a database with visits, sales and feature tables of several products, and declares it in ' +
        'sources.yaml. The true probability of each visit is in a table that the factory never reads. Needs ' +
        'SOURCE_ADMIN_URL. The same options and seed give the same shop.',
    )
    .option('--source <name>', 'name of the new source', name('source'), 'main')
    .option(
      '--product <id:visits:rate>',
      'a product: id, number of visits, share of visits with a sale (0 to 1); repeatable (default: four examples)',
      (text: string, before: readonly ProductOptions[] = []) => [...before, productFrom(text)],
    )
    .option('--fleet <n>', 'create this many small products instead, at least 1', atLeast('fleet', 1))
    .option(
      '--features <size>',
      'full (18 columns), small (10), or events (9; most from event tables, read 300 s after the start of a visit)',
      featuresFrom,
      'full',
    )
    .option(
      '--signal <factor>',
      'how much the features tell about a sale, as a factor above 0: 3 lets a model rank well after few visits',
      signalFrom,
    )
    .option('--days <n>', 'length of the simulated period in days, at least 1', atLeast('days', 1), 90)
    .option(
      '--end <date>',
      'end of the period, exclusive, UTC: YYYY-MM-DD (default: last midnight)',
      dateFrom,
    )
    .option('--seed <n>', 'another seed gives another shop; at least 0', atLeast('seed', 0), 1)
    .option('--database <name>', 'database to create (default: shop_<source>)')
    .option(
      '--connection-env <name>',
      "environment variable with the source's connection string (default: SOURCE_<SOURCE>_URL)",
    )
    .option(
      '--reader <user>',
      'create this account with the rights to read the source and print its connection string; an existing account is never changed',
      readerName,
    )
    .option('--replace', 'replace an existing simulated shop, and the entry of this name in sources.yaml')
    .option('--no-register', 'do not change sources.yaml; print the entry')
    .addHelpText(
      'after',
      examples(
        'factory simulate --reader factory_reader',
        'factory simulate --source shop-de --product 1:50000:0.02 --product 2:9000:0.1 --days 120 --seed 7',
        'factory simulate --fleet 40 --features small --replace --json',
      ),
    )
    .action((options: Options) => simulate(cli, options));
}

async function simulate(cli: Cli, options: Options): Promise<void> {
  if (options.fleet !== undefined && options.product !== undefined)
    throw new BadInputError('fleet-or-products', {
      field: 'fleet',
      value: options.fleet,
      todo: 'give either --fleet or --product',
    });
  const { source, seed, days, features, database, connectionEnv, replace, fleet } = options;
  const named = options.product ?? demoProducts();
  const makeReader = await plannedReader(cli, options.reader, shopNames(options));
  const shop = await loadShop(
    adminUrlOf(cli),
    {
      source,
      seed,
      days,
      features,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      end: options.end ?? cli.now(),
      products: fleet === undefined ? named : fleetProducts(fleet),
      replace: replace ?? false,
      ...(database === undefined ? {} : { database }),
      ...(connectionEnv === undefined ? {} : { connectionEnv }),
    },
    ({ product, visits, totalVisits }) =>
      cli.out.say(`product ${product}: ${count(visits)} of ${count(totalVisits)} visits`),
  );
  const entry = shop.sourcesYamlEntry;
  const made = await registerSource(cli, { source, database: shop.database, entry }, options, makeReader);
  const data = { ...made, visits: shop.visits, goals: shop.goals, products: shop.products, entry };
  cli.out.show(options.json, data, () =>
    [
      table(cli, shop),
      nextSteps(made),
      ...(options.register ? [] : [stringify({ sources: { [source]: entry } })]),
    ].join('\n\n'),
  );
}

function table(cli: Cli, shop: LoadedShop): string {
  return renderTable(
    [
      { title: 'product', of: (one) => String(one.id), align: 'right' },
      { title: 'name', of: (one) => one.name, flexible: true },
      { title: 'visits', of: (one) => count(one.visits), align: 'right' },
      { title: 'goals', of: (one) => count(one.goals), align: 'right' },
      { title: 'base rate', of: (one) => percent(one.baseRate), align: 'right' },
      { title: 'best possible auc', of: (one) => figure(one.oracleAuc), align: 'right' },
      { title: '', of: (one) => (one.active ? '' : 'inactive') },
    ],
    shop.products,
    { width: cli.out.width },
  );
}

function productFrom(text: string): ProductOptions {
  const [, id, visits, baseRate] = /^(\d+):(\d+):(\d*\.?\d+)$/.exec(text) ?? [];
  if (id === undefined)
    throw new BadInputError('invalid-product', {
      field: 'product',
      value: text,
      todo: 'write id:visits:rate, such as 3:50000:0.02',
    });
  return { id: Number(id), visits: Number(visits), baseRate: Number(baseRate) };
}

function signalFrom(text: string): number {
  const factor = Number(text);
  if (factor > 0 && Number.isFinite(factor)) return factor;
  throw new BadInputError('invalid-signal', {
    field: 'signal',
    value: text,
    todo: 'give a factor above 0, such as 2',
  });
}

function featuresFrom(text: string): FeatureSet {
  const found = FEATURE_SETS.find((one) => one === text);
  if (found) return found;
  throw new InvalidArgumentError(`Use ${FEATURE_SETS.join(', ')}.`);
}

function dateFrom(text: string): Date {
  const date = new Date(`${text}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new BadInputError('invalid-date', { field: 'end', value: text, todo: 'write YYYY-MM-DD' });
}
