import { promoteRun, type PromotedRun } from '@factory/fleet';
import type { Command } from 'commander';
import { atLeast } from '../program/arguments';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { shortId } from '../rendering/format';
import { fleetAccess } from '../servers/fleet-access';

interface Options extends DataOptions, ChangeOptions {
  readonly run: string;
  readonly epoch?: number;
}

/** `factory promote`. */
export function addPromote(program: Command, cli: Cli): void {
  withChange(withJson(program.command('promote')), true)
    .summary('put the candidate of a run in force although the verdict said no')
    .description(
      'Asks the publisher to pack, test and release the candidate of a run that was kept or rejected, as it does after ' +
        'a verdict; the run is open again until that has ended. It is refused if its files are gone, if the product ' +
        'is held or retired, or if another version is in force than the candidate was compared with.',
    )
    .requiredOption('--run <id>', 'the run, or the first letters of its id')
    .option(
      '--epoch <number>',
      'replace the champion of this epoch (see `factory models`), also if the candidate was compared with another one',
      atLeast('epoch', 0),
    )
    .addHelpText(
      'after',
      examples('factory promote --run 3f2a91c0 --reason "the longer history is wanted for the campaign"'),
    )
    .action(async (options: Options) => {
      cli.servers.require('ledger', 'store', 'broker');
      const { run, epoch } = options;
      const promoted = await promoteRun(await fleetAccess(cli), cli.servers.store(), {
        run,
        ...(epoch === undefined ? {} : { epoch }),
        change: changeOf(cli, options, ''),
      });
      cli.out.show(options.json, promoted, () => told(promoted));
    });
}

function told({ run, result, epoch }: PromotedRun): string {
  if (result === 'in-force') return `the version of run ${shortId(run)} is in force already (epoch ${epoch})`;
  const asked = result === 'asked' ? 'is asked' : 'was already asked';
  return `the publisher ${asked} to release the candidate of run ${shortId(run)}: see \`factory runs show ${shortId(run)}\``;
}
