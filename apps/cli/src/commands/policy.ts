import { consumerOf } from '@factory/contracts';
import {
  BadInputError,
  POLICY_FIELDS,
  POLICY_NAMES,
  completePolicy,
  messageOf,
  type ModelKey,
  type Policy,
  type PolicyField,
} from '@factory/domain';
import { Champions, Policies } from '@factory/ledger';
import { provision } from '@factory/messaging';
import type { Command } from 'commander';
import { name, product, settings } from '../program/arguments';
import { productStateHere } from '../../../../libs/fleet/src/requests/check-request';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { declaredSources, modelKeyOf, sourceOf, type KeyOptions } from '../sources/model-key';
import { renderTable } from '../rendering/table';

type ShowOptions = DataOptions & KeyOptions & { readonly explain?: boolean };
type SetOptions = DataOptions & KeyOptions & ChangeOptions;

/** `factory policy show` and `factory policy set`. */
export function addPolicy(program: Command, cli: Cli): void {
  const policy = program.command('policy').summary('show or set what differs from product to product');
  withKey(withJson(policy.command('show <product>')))
    .description('Shows every setting of a product; those that are not the default are marked.')
    .option('--explain', 'unit, default, range and meaning of every setting beside its value')
    .addHelpText(
      'after',
      examples(
        'factory policy show 7',
        'factory policy show 7 --explain',
        'factory policy show 7 --goal signup --json',
      ),
    )
    .action(async (given: string, options: ShowOptions) => {
      const key = modelKeyOf(cli, product(given), options);
      const fields = await new Policies(await cli.servers.ledger()).fieldsSet(key);
      if (options.explain) explain(cli, options, key, completePolicy(fields));
      else show(cli, options, key, completePolicy(fields), fields);
    });
  withKey(withChange(withJson(policy.command('set <product> <settings...>'))))
    .description(
      'Sets fields of a product that its source has; an empty value gives a field its default back. A new pool gets its queue at once.',
    )
    .addHelpText(
      'after',
      `${examples(
        'factory policy set 7 grid=full outOfTimeDays=0 --reason "few sales, no out-of-time part"',
        'factory policy set 7 pool=gpu',
        'factory policy set 7 grid=',
        `factory policy set 7 'windowThresholds=[{"days":30,"sales":5000}]'`,
      )}\n\nFields: ${POLICY_NAMES.join(', ')}\nWhat they mean: factory policy show 7 --explain`,
    )
    .action(async (given: string, pairs: string[], options: SetOptions) => {
      const key = modelKeyOf(cli, product(given), options);
      const fields = settings(pairs);
      await requireProduct(cli, key);
      const policies = new Policies(await cli.servers.ledger());
      const policy = await policies.set(key, fields, changeOf(cli, options, 'factory policy set'));
      if (typeof fields['pool'] === 'string') await provisionPool(cli, fields['pool']);
      show(cli, options, key, policy, await policies.fieldsSet(key));
    });
}

/**
 * A policy of a product that is not there would never be read. Where the source cannot be asked from here, a model
 * that is in force tells as much.
 *
 * @throws BadInputError `unknown-product`
 */
async function requireProduct(cli: Cli, key: ModelKey): Promise<void> {
  if ((await new Champions(await cli.servers.ledger()).find(key)) !== undefined) return;
  const file = declaredSources(cli);
  if (!file)
    return cli.out.warn(`no ${cli.servers.sourcesPath} here: whether there is such a product is not known`);
  const { table } = sourceOf(file, key.source).products;
  const state = await productStateHere(cli, key.source, key.product, 'the policy is set all the same');
  if (state !== 'unknown') return;
  throw new BadInputError('unknown-product', {
    field: 'product',
    value: key.product,
    todo: `use an id of table ${table} in source ${key.source}`,
  });
}

function withKey(command: Command): Command {
  return command
    .option('--source <name>', 'source of the product (default: the only one, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's)", name('goal'));
}

/** The policy is set even where the broker is away or not ready: `factory provision` makes up for it. */
async function provisionPool(cli: Cli, pool: string): Promise<void> {
  try {
    // Streams are left alone: how many copies they have is not known here.
    const [queue] = await provision(await cli.servers.broker(), {
      streams: [],
      consumers: [consumerOf('trials', pool)],
    });
    cli.out.say(`queue of pool ${pool}: ${queue?.result ?? 'unchanged'}`);
  } catch (thrown) {
    cli.out.warn(
      `the queue of pool ${pool} is not there yet, run \`factory provision\`: ${messageOf(thrown)}`,
    );
  }
}

function show(
  cli: Cli,
  options: DataOptions,
  key: ModelKey,
  policy: Policy,
  fieldsSet: Readonly<Record<string, unknown>>,
): void {
  cli.out.show(options.json, { ...key, policy, set: fieldsSet }, () =>
    renderTable(
      [
        { title: 'field', of: ([field]) => field },
        {
          title: 'value',
          of: ([, value]) => shown(value),
          flexible: true,
        },
        { title: '', of: ([field]) => (Object.hasOwn(fieldsSet, field) ? 'set' : '') },
      ],
      Object.entries(policy) as [string, unknown][],
      { width: cli.out.width },
    ),
  );
}

/** What can be set, from the same data as the check of a value. */
function explain(cli: Cli, options: DataOptions, key: ModelKey, policy: Policy): void {
  const settings = POLICY_NAMES.map((name) => {
    const { meaning, unit, range, default: byDefault }: PolicyField<unknown> = POLICY_FIELDS[name];
    return { name, value: policy[name], unit, default: byDefault, range, meaning };
  });
  cli.out.show(options.json, { ...key, settings }, () =>
    settings
      .map(({ name, value, unit, default: byDefault, range, meaning }) => {
        const counted = unit === '' ? '' : ` ${unit}`;
        return `${name} = ${shown(value)}${counted}\n  ${meaning}\n  default ${shown(byDefault)}; range: ${range}`;
      })
      .join('\n'),
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
