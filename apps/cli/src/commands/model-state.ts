import { EVENTS } from '@factory/contracts';
import { describeKey, type ModelKey } from '@factory/domain';
import { checkPolicyKey, holdModel, releaseModel, retireModel, type HeldModel } from '@factory/fleet';
import type { BroughtBack, Retired } from '@factory/registry';
import type { Command } from 'commander';
import { instant } from '../program/arguments';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { withModel, type ModelOptions } from '../program/model-options';
import { fleetAccess } from '../servers/fleet-access';
import { knownSources, sayUncheckedPolicy } from '../sources/known-sources';
import { modelKeyOf } from '../sources/model-key';

type Options = DataOptions & ChangeOptions & ModelOptions;
type HoldOptions = Options & { readonly until?: Date };

/** `factory hold`, `factory release`, `factory retire`. */
export function addModelState(program: Command, cli: Cli): void {
  ofModel(program.command('hold'))
    .summary('keep the version in force, whatever the verdict says')
    .description(
      'Holds the model of a product: runs go on and end as kept, reason held, and no other version replaces the one ' +
        'in force, neither by a verdict nor by rollback or promote.',
    )
    .option(
      '--until <date>',
      'end of the hold, UTC: YYYY-MM-DD (its first moment) or "YYYY-MM-DD HH:MM:SS" (default: until it is released)',
      instant('until'),
    )
    .addHelpText(
      'after',
      examples('factory hold --product 7 --until 2030-01-07 --reason "no change before christmas"'),
    )
    .action(async (options: HoldOptions) => {
      cli.servers.require('ledger');
      const key = await checkedKey(cli, options);
      const request = { key, until: options.until ?? null, change: changeOf(cli, options, '') };
      const held = await holdModel({ ledger: await cli.servers.ledger() }, request, cli.now());
      cli.out.show(options.json, held, () => toldOfHold(held));
    });
  ofModel(program.command('release'))
    .summary('end a hold, or bring a retired model back')
    .description(
      'Ends a hold. Of a retired model, the version that was in force is in force again, with a new epoch; its bundle ' +
        'is loaded and its golden rows are scored before.',
    )
    .addHelpText('after', examples('factory release --product 7 --reason "sold again"'))
    .action(async (options: Options) => {
      cli.servers.require('ledger', 'store', 'broker');
      const key = await checkedKey(cli, options);
      const request = { key, change: changeOf(cli, options, '') };
      const released = await releaseModel(await fleetAccess(cli), cli.servers.store(), request);
      if (released.broken !== null && released.result === 'in-force-again')
        cli.out.warn(
          `nobody can score with ${released.version ?? ''}: ${released.broken}; request a new model`,
        );
      cli.out.show(options.json, released, () => toldOfRelease(released));
    });
  ofModel(program.command('retire'))
    .summary('end the model of a product')
    .description(
      `Ends a model: no version is in force any more (champion.json becomes a tombstone, ${EVENTS['model.retired'].subject} is ` +
        'published), score and rollback refuse it, and runs of the product end as skipped, reason retired. ' +
        '`factory release` brings it back.',
    )
    .addHelpText('after', examples('factory retire --product 7 --reason "sold no more"'))
    .action(async (options: Options) => {
      cli.servers.require('ledger', 'store', 'broker');
      const key = await checkedKey(cli, options);
      const request = { key, change: changeOf(cli, options, '') };
      const retired = await retireModel(await fleetAccess(cli), cli.servers.store(), request);
      cli.out.show(options.json, retired, () => toldOfRetirement(retired));
    });
}

function ofModel(command: Command): Command {
  return withModel(withChange(withJson(command), true));
}

/** A product that does not exist has no model to decide about. */
async function checkedKey(cli: Cli, options: Options): Promise<ModelKey> {
  const key = modelKeyOf(cli, options.product, options);
  sayUncheckedPolicy(cli, await checkPolicyKey(await cli.servers.ledger(), knownSources(cli), key));
  return key;
}

function toldOfHold({ until, result, ...key }: HeldModel): string {
  const end = until === null ? 'until it is released' : `until ${until.toISOString()}`;
  return `${describeKey(key)} ${result === 'held' ? 'is' : 'was already'} held ${end}`;
}

function toldOfRelease({ result, version, epoch, ...key }: BroughtBack): string {
  if (result === 'no-state') return `${describeKey(key)} is neither held nor retired`;
  if (result === 'no-hold-now') return `${describeKey(key)} is not held any more`;
  return version === null
    ? `${describeKey(key)} is not retired any more; it has no version yet`
    : `${describeKey(key)}: ${version} is in force again (epoch ${epoch})`;
}

function toldOfRetirement({ result, version, epoch, ...key }: Retired): string {
  if (result === 'was-retired') return `${describeKey(key)} was retired already; champion.json was checked`;
  return version === null
    ? `${describeKey(key)} is retired; it had no version`
    : `${describeKey(key)} is retired: ${version} is not in force any more (epoch ${epoch})`;
}
