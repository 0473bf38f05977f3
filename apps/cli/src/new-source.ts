import { parseConnectionString } from '@factory/sql';
import type { Cli } from './cli';
import { ADMIN_VARIABLE, createReader } from './reader-account';
import { declareSource } from './declare-source';

export interface NewSourceOptions {
  /** Account to create for reading; absent = the shop has its own. */
  readonly reader?: string;
  readonly replace?: boolean;
  /** False = sources.yaml is left alone. */
  readonly register: boolean;
}

/** What a person needs to know of a database that was just filled. */
export interface NewSource {
  readonly source: string;
  readonly database: string;
  readonly connectionEnv: string;
  /** Connection string of the reader that was created. */
  readonly connectionString?: string;
  readonly sourcesFile?: string;
  readonly declared?: 'added' | 'replaced' | 'unchanged';
}

/** @throws BadInputError `missing-connection`, `invalid-connection` */
export function adminUrlOf(cli: Cli): string {
  const url = cli.servers.text(ADMIN_VARIABLE);
  parseConnectionString(ADMIN_VARIABLE, url);
  return url ?? '';
}

/** Declares a filled database as a source, and gives it a reading account if one is wanted. */
export async function registerSource(
  cli: Cli,
  filled: {
    readonly source: string;
    readonly database: string;
    readonly entry: object & { readonly connectionEnv: string };
  },
  options: NewSourceOptions,
): Promise<NewSource> {
  const { source, database, entry } = filled;
  const path = cli.servers.sourcesPath;
  const declared = options.register
    ? { sourcesFile: path, declared: declareSource(path, source, entry, options.replace ?? false) }
    : {};
  const reader =
    options.reader === undefined
      ? {}
      : { connectionString: await createReader(adminUrlOf(cli), options.reader, database) };
  return { source, database, connectionEnv: entry.connectionEnv, ...reader, ...declared };
}

/** The next steps, for a person; the first line can be pasted into a shell. */
export function nextSteps(made: NewSource): string {
  const connection = made.connectionString
    ? `export ${made.connectionEnv}='${made.connectionString}'`
    : `set ${made.connectionEnv} to mysql://USER:PASSWORD@host:port/${made.database} of an account with these ` +
      `rights: factory grants --source ${made.source} --database ${made.database} --user USER`;
  if (made.sourcesFile === undefined) return connection;
  const how = made.declared ? ` (${made.declared})` : '';
  return `${connection}\nsource ${made.source} is declared in ${made.sourcesFile}${how}`;
}
