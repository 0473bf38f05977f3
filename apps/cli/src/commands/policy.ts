import { POLICY_NAMES, fieldsOfLaterReleases, messageOf, type ModelKey } from '@factory/domain';
import {
  checkPolicyKey,
  explainPolicy,
  policyView,
  provisionPool,
  setPolicy,
  type PolicyView,
} from '@factory/fleet';
import type { Command } from 'commander';
import { name, product, settings } from '../program/arguments';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { knownSources, sayUncheckedPolicy } from '../sources/known-sources';
import { modelKeyOf, type KeyOptions } from '../sources/model-key';
import { renderTable } from '../rendering/table';

type ShowOptions = DataOptions & KeyOptions & { readonly explain?: boolean };
/** Shown for a field that was set by a later release; services that know it apply it. */
const LATER = 'set, unknown to this release';

type SetOptions = DataOptions & KeyOptions & ChangeOptions;

/** `factory policy show` and `factory policy set`. */
export function addPolicy(program: Command, cli: Cli): void {
  const policy = program
    .command('policy')
    .summary('show or set the settings of a product')
    .description('The settings with which a product is retrained: its window, its grid, its limits.')
    .addHelpText('after', examples('factory policy show 7 --explain', 'factory policy set 7 grid=full'));
  withKey(withJson(policy.command('show <product>')))
    .description('Shows every setting of a product; settings that differ from the default are marked.')
    .option('--explain', 'show unit, default, range and meaning of every setting')
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
      const view = await policyView(await cli.servers.ledger(), key);
      if (options.explain) explain(cli, options, key, view);
      else show(cli, options, view);
    });
  withKey(withChange(withJson(policy.command('set <product> <settings...>'))))
    .description(
      'Sets fields of a product; the product must exist in its source. An empty value (field=) restores the default. The queue of a new pool is created immediately.',
    )
    .addHelpText(
      'after',
      `${examples(
        'factory policy set 7 grid=full outOfTimeDays=0 --reason "few sales, no out-of-time part"',
        'factory policy set 7 pool=gpu',
        'factory policy set 7 grid=',
        `factory policy set 7 'windowThresholds=[{"days":30,"sales":5000}]'`,
      )}\n\nFields: ${POLICY_NAMES.join(', ')}\nUnit, default, range and meaning: factory policy show 7 --explain`,
    )
    .action(async (given: string, pairs: string[], options: SetOptions) => {
      const key = modelKeyOf(cli, product(given), options);
      const fields = settings(pairs);
      const ledger = await cli.servers.ledger();
      sayUncheckedPolicy(cli, await checkPolicyKey(ledger, knownSources(cli), key));
      const view = await setPolicy(ledger, key, fields, changeOf(cli, options, 'factory policy set'));
      if (typeof fields['pool'] === 'string') await makeQueue(cli, fields['pool']);
      show(cli, options, view);
    });
}

function withKey(command: Command): Command {
  return command
    .option('--source <name>', 'source of the product (default: the only one, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's)", name('goal'));
}

/** The policy is set even if the broker is unavailable or not ready: `factory provision` creates the queue later. */
async function makeQueue(cli: Cli, pool: string): Promise<void> {
  try {
    cli.out.say(`queue of pool ${pool}: ${await provisionPool(await cli.servers.broker(), pool)}`);
  } catch (thrown) {
    cli.out.warn(
      `the queue of pool ${pool} does not exist yet, run \`factory provision\`: ${messageOf(thrown)}`,
    );
  }
}

function show(cli: Cli, options: DataOptions, view: PolicyView): void {
  const later = fieldsOfLaterReleases(view.set);
  cli.out.show(options.json, view, () =>
    renderTable(
      [
        { title: 'field', of: ([field]) => field },
        {
          title: 'value',
          of: ([, value]) => shown(value),
          flexible: true,
        },
        {
          title: '',
          of: ([field]) => (field in later ? LATER : Object.hasOwn(view.set, field) ? 'set' : ''),
        },
      ],
      Object.entries(view.policy) as [string, unknown][],
      { width: cli.out.width },
    ),
  );
}

function explain(cli: Cli, options: DataOptions, key: ModelKey, { policy }: PolicyView): void {
  const settings = explainPolicy(policy);
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
