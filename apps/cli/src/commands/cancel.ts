import { BadInputError } from '@factory/domain';
import { cancelRequest, cancelRun, type CancelledRun } from '@factory/fleet';
import type { Command } from 'commander';
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
  readonly request?: string;
}

/** `factory cancel`. */
export function addCancel(program: Command, cli: Cli): void {
  withChange(withJson(program.command('cancel [run]')))
    .summary('end a run, or all runs of a request')
    .description(
      'Ends runs as cancelled. Their workers stop within a second; messages of these runs that are still queued are ' +
        'ignored. `factory runs resume` resumes a cancelled run.',
    )
    .option('--request <id>', 'cancel every run of this request, instead of one run')
    .addHelpText(
      'after',
      examples('factory cancel 3f2a91c0 --reason "wrong range"', 'factory cancel --request nightly-7'),
    )
    .action(async (run: string | undefined, options: Options) => {
      if ((run === undefined) === (options.request === undefined))
        throw new BadInputError('run-or-request', {
          field: 'run',
          value: run ?? null,
          todo: 'give either a run or --request',
        });
      const cancelled = await cancel(cli, run, options);
      cli.out.show(options.json, cancelled, () => cancelled.map(told).join('\n'));
    });
}

async function cancel(cli: Cli, run: string | undefined, options: Options): Promise<CancelledRun[]> {
  cli.servers.require('ledger', 'broker');
  const access = await fleetAccess(cli);
  const change = changeOf(cli, options, '');
  return run === undefined
    ? cancelRequest(access, options.request ?? '', change)
    : cancelRun(access, run, change);
}

function told({ run, result }: CancelledRun): string {
  return result === 'cancelled'
    ? `run ${shortId(run)} is cancelled`
    : `run ${shortId(run)} had ended already`;
}
