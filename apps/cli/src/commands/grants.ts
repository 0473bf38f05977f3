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
    .summary("print the SQL that grants a source's reading account its rights")
    .description(
      'Prints the SQL that the owner of a shop runs once. It allows the account to read and to create temporary ' +
        'tables, nothing else. The database name is taken from the connection string of the source.',
    )
    .option('--source <name>', 'a source of sources.yaml', name('source'))
    .requiredOption('--user <name>', 'account that the factory reads with; the owner of the shop creates it')
    .option('--host <host>', 'host from which the account connects; % = any', '%')
    .option('--database <name>', 'database of the shop, if its connection string is not available here')
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
