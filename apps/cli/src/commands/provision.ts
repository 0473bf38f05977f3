import type { Command } from 'commander';
import {
  TRAINER_POOLS_VARIABLE,
  poolsFrom,
  provisionAll,
  type ProvisionStep,
} from '../servers/provision-all';
import { atLeast } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { renderTable } from '../rendering/table';

interface Options extends DataOptions {
  readonly replicas: number;
}

/** `factory provision`. */
export function addProvision(program: Command, cli: Cli): void {
  withJson(program.command('provision'))
    .summary('create or update database, tables, streams and consumers')
    .description(
      'Prepares the servers: creates the ledger database if it does not exist, brings its tables up to date, ' +
        'creates streams and consumers (for every pool that a policy or TRAINER_POOLS names) and checks the bucket. ' +
        'Safe to run again: what is already correct is not changed.',
    )
    .option(
      '--replicas <n>',
      'replicas of each stream in a broker cluster, at least 1',
      atLeast('replicas', 1),
      1,
    )
    .addHelpText('after', examples('factory provision', 'TRAINER_POOLS=default,gpu factory provision --json'))
    .action(async (options: Options) => {
      cli.servers.require('broker', 'ledger', 'store');
      const pools = poolsFrom(cli.servers.text(TRAINER_POOLS_VARIABLE));
      const steps = await provisionAll(cli.servers, { pools, replicas: options.replicas }, (text) =>
        cli.out.say(`error: ${text}`),
      );
      for (const { kind, name, note } of steps) if (note) cli.out.say(`${kind} ${name}: ${note}`);
      cli.out.show(options.json, steps, () => render(cli, steps));
    });
}

function render(cli: Cli, steps: readonly ProvisionStep[]): string {
  return renderTable(
    [
      { title: 'what', of: (step) => step.kind },
      { title: 'name', of: (step) => step.name, flexible: true },
      {
        title: 'result',
        of: (step) => step.result,
        paint: (text, step) => (step.result === 'unchanged' ? text : cli.out.paint('green', text)),
      },
      { title: 'holds at most', of: (step) => step.bounds ?? '' },
    ],
    steps,
    { width: cli.out.width },
  );
}
