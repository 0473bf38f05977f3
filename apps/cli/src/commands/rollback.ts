import type { Command } from 'commander';
import { describeKey } from '@factory/domain';
import { rollBack } from '@factory/fleet';
import type { RollbackResult } from '@factory/registry';
import { versionName } from '../program/arguments';
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
import { modelKeyOf } from '../sources/model-key';

interface Options extends DataOptions, ChangeOptions, ModelOptions {
  readonly to?: string;
}

/** `factory rollback`. */
export function addRollback(program: Command, cli: Cli): void {
  withModel(withChange(withJson(program.command('rollback')), true), 'product whose model is rolled back')
    .summary('put an earlier version in force again')
    .description(
      'Checks that the earlier version loads (hashes and golden rows), puts it in force in the database unless the ' +
        'champion has changed in the meantime, and writes champion.json. Without --to it goes back to the previous ' +
        'version; a second rollback undoes the first. With --to VERSION in force already, champion.json is rewritten.',
    )
    .option(
      '--to <version>',
      'version to put in force, as listed by `factory models --product` (default: the previous one)',
      versionName('to'),
    )
    .addHelpText('after', examples('factory rollback --product 7 --reason "scores drifted since monday"'))
    .action(async (options: Options) => {
      cli.servers.require('ledger', 'store', 'broker');
      const key = modelKeyOf(cli, options.product, options);
      const { to } = options;
      const result = await rollBack(await fleetAccess(cli), cli.servers.store(), {
        key,
        ...(to === undefined ? {} : { to }),
        change: changeOf(cli, options, ''),
      });
      cli.out.show(options.json, result, () => told(result));
    });
}

function told(result: RollbackResult): string {
  return result.result === 'repaired'
    ? `${result.to} of ${describeKey(result)} is in force already; champion.json was rewritten`
    : `${describeKey(result)}: ${result.to} is in force instead of ${result.from} (epoch ${result.epoch})`;
}
