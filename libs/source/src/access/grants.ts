import { identifier } from '@factory/mysql';

/** The account that reads a source, and the database that it reads. */
export interface SourceAccount {
  readonly user: string;
  /** Where it connects from; `%` = anywhere. */
  readonly host: string;
  readonly database: string;
}

/**
 * All privileges that the factory needs on a source: it reads, and it stores the drawn visits in a temporary
 * table of its own connection. Named locks need no privilege. The shop creates the account itself.
 */
export function sourceGrants(account: SourceAccount): string[] {
  const who = `${quoted(account.user)}@${quoted(account.host)}`;
  // in GRANT the database name is a pattern: `_` and `%` are escaped to stand for themselves
  const database = identifier(account.database.replaceAll(/([_%\\])/g, '\\$1')).text;
  return [`GRANT SELECT, CREATE TEMPORARY TABLES ON ${database}.* TO ${who}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
