import { identifier } from '@factory/mysql';

/** The account that reads a source, and where it reads. */
export interface SourceAccount {
  readonly user: string;
  /** Where it connects from; `%` = anywhere. */
  readonly host: string;
  readonly database: string;
}

/**
 * All that the factory needs on a source: it reads, and it keeps the drawn visits in a temporary table of its
 * own connection. Named locks need no privilege. The account itself is created by the shop.
 */
export function sourceGrants(account: SourceAccount): string[] {
  const who = `${quoted(account.user)}@${quoted(account.host)}`;
  // in GRANT the database name is a pattern: `_` and `%` in it are meant as they are
  const database = identifier(account.database.replaceAll(/([_%\\])/g, '\\$1')).text;
  return [`GRANT SELECT, CREATE TEMPORARY TABLES ON ${database}.* TO ${who}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
