import { BadInputError } from '@factory/domain';
import { Requests, Runs, resolveRunId, type StoredEvent } from '@factory/ledger';
import { askToLook } from '@factory/messaging';
import type { Command } from 'commander';
import { announceChange } from '../../../../libs/fleet/src/actions/announce-change';
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

interface Options extends DataOptions, ChangeOptions {
  readonly request?: string;
}

interface Cancelled {
  readonly run: string;
  readonly result: 'cancelled' | 'had-ended';
}

/** `factory cancel`. */
export function addCancel(program: Command, cli: Cli): void {
  withChange(withJson(program.command('cancel [run]')))
    .summary('end a run, or all runs of a request')
    .description(
      'Ends runs as cancelled. Their workers stop within a second, and what is still queued is ignored when it is ' +
        'its turn. `factory runs resume` lets a cancelled run go on.',
    )
    .option('--request <id>', 'every run of this request, instead of one run')
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

async function cancel(cli: Cli, run: string | undefined, options: Options): Promise<Cancelled[]> {
  cli.servers.require('ledger', 'broker');
  const ledger = await cli.servers.ledger();
  const runs = new Runs(ledger, cli.servers.codeVersion);
  const ids =
    run === undefined ? await runsOf(cli, options.request ?? '') : [await resolveRunId(ledger, run)];
  const change = changeOf(cli, options, '');
  const results: Cancelled[] = [];
  const events: StoredEvent[] = [];
  for (const id of ids) {
    const ended = await runs.cancel(id, change);
    events.push(...ended);
    results.push({ run: id, result: ended.length > 0 ? 'cancelled' : 'had-ended' });
  }
  await announceChange(cli, events, (broker) => {
    for (const { run: id, result } of results) if (result === 'cancelled') askToLook(broker, id);
  });
  return results;
}

/** @throws BadInputError `unknown-request` */
async function runsOf(cli: Cli, request: string): Promise<string[]> {
  const answers = await new Requests(await cli.servers.ledger(), cli.servers.codeVersion).answers(request);
  if (answers) return answers.map((answer) => answer.run);
  throw new BadInputError('unknown-request', {
    field: 'request',
    value: request,
    todo: 'give the id that `factory retrain` printed, once data-prep has taken the request',
  });
}

function told({ run, result }: Cancelled): string {
  return result === 'cancelled'
    ? `run ${shortId(run)} is cancelled`
    : `run ${shortId(run)} had ended already`;
}
