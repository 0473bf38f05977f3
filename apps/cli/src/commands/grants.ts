import { BadInputError } from '@factory/domain';
import { sourceOf } from '@factory/fleet';
import { parseConnectionString } from '@factory/mysql';
import { sourceGrants } from '@factory/source';
import type { Command } from 'commander';
import { name } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { declaredSources } from '../sources/model-key';

interface Options extends DataOptions {
  readonly source?: string;
  readonly user: string;
  readonly host: string;
  readonly database?: string;
}

/** `factory grants`. */
export function addGrants(program: Command, cli: Cli): void {
  withJson(program.command('grants'))
    .summary("print the SQL that gives a source's reading account its rights")
    .description(
      'Prints what the owner of a shop runs once: the account may read, and keep a temporary table of its own ' +
        'connection; nothing else. The database is taken from the connection string that the source names.',
    )
    .option('--source <name>', 'a source of sources.yaml', name('source'))
    .requiredOption('--user <name>', 'account that the factory reads with; the shop creates it')
    .option('--host <host>', 'where it connects from; % = anywhere', '%')
    .option('--database <name>', 'database of the shop, where the connection string is not at hand')
    .addHelpText('after', examples('factory grants --source main --user factory_reader | mysql -u root'))
    .action((options: Options) => {
      const database = options.database ?? databaseOf(cli, options.source);
      const statements = sourceGrants({ user: options.user, host: options.host, database });
      cli.out.show(options.json, { database, statements }, () =>
        statements.map((one) => `${one};`).join('\n'),
      );
    });
}

function databaseOf(cli: Cli, named: string | undefined): string {
  const file = declaredSources(cli);
  if (!file)
    throw new BadInputError('missing-database', {
      field: 'database',
      value: null,
      todo: `name it with --database: there is no ${cli.servers.sourcesPath} here`,
    });
  const { connectionEnv } = sourceOf(file, named);
  return parseConnectionString(connectionEnv, cli.servers.sourceConnection(connectionEnv)).database;
}
