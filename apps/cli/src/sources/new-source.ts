import { parseConnectionString } from '@factory/mysql';
import type { Cli } from '../program/cli';
import { declareSource } from './declare-source';
import { ADMIN_VARIABLE, createReader, planReader } from './reader-account';

export interface NewSourceOptions {
  readonly replace?: boolean;
  /** False = sources.yaml is not changed. */
  readonly register: boolean;
}

/** Information for people about a database that was just filled. */
export interface NewSource {
  readonly source: string;
  readonly database: string;
  readonly connectionEnv: string;
  /** Connection string of the reader that was created. */
  readonly connectionString?: string;
  /** The requested reader is already the source's own: its variable, account and password are kept. */
  readonly readerKept?: true;
  readonly sourcesFile?: string;
  readonly declared?: 'added' | 'replaced' | 'unchanged';
}

/** @throws BadInputError `missing-connection`, `invalid-connection` */
export function adminUrlOf(cli: Cli): string {
  const url = cli.servers.text(ADMIN_VARIABLE);
  parseConnectionString(ADMIN_VARIABLE, url);
  return url ?? '';
}

/** Completes `plannedReader`: creates the account, or says that the source's own is kept. */
export type ReaderMaker = () => Promise<Pick<NewSource, 'connectionString' | 'readerKept'>>;

/**
 * Checks whether a reading account can be created, before anything is written.
 *
 * @param user undefined = none is requested
 * @throws BadInputError `reader-exists`, `cannot-create-reader`
 */
export async function plannedReader(
  cli: Cli,
  user: string | undefined,
  { database, connectionEnv }: { readonly database: string; readonly connectionEnv: string },
): Promise<ReaderMaker> {
  if (user === undefined) return () => Promise.resolve({});
  const connection = cli.servers.sourceConnection(connectionEnv);
  const request = { adminUrl: adminUrlOf(cli), user, database, connectionEnv, connection };
  const plan = await planReader(request);
  return async () =>
    plan === 'kept' ? { readerKept: true } : { connectionString: await createReader(request) };
}

/** Declares a filled database as a source, and creates a reading account if requested. */
export async function registerSource(
  cli: Cli,
  filled: {
    readonly source: string;
    readonly database: string;
    readonly entry: object & { readonly connectionEnv: string };
  },
  options: NewSourceOptions,
  makeReader: ReaderMaker,
): Promise<NewSource> {
  const { source, database, entry } = filled;
  const path = cli.servers.sourcesPath;
  const declared = options.register
    ? { sourcesFile: path, declared: declareSource(path, source, entry, options.replace ?? false) }
    : {};
  return { source, database, connectionEnv: entry.connectionEnv, ...(await makeReader()), ...declared };
}

/** The next steps, for a person; the first line can be pasted into a shell. */
export function nextSteps(made: NewSource): string {
  const connection = made.readerKept
    ? `the account that ${made.connectionEnv} names is kept, with its password`
    : made.connectionString
      ? `export ${made.connectionEnv}='${made.connectionString}'`
      : `set ${made.connectionEnv} to mysql://USER:PASSWORD@host:port/${made.database} of an account with these ` +
        `rights: factory grants --source ${made.source} --database ${made.database} --user USER`;
  if (made.sourcesFile === undefined) return connection;
  const how = made.declared ? ` (${made.declared})` : '';
  return `${connection}\nsource ${made.source} is declared in ${made.sourcesFile}${how}`;
}
