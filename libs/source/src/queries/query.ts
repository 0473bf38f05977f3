import type { SqlText, SqlValue } from '@factory/mysql';
import type { z } from 'zod';

/** A statement with the schema of its rows, which are arrays in the order of the select list. */
export interface Query<Row> {
  /** Short and stable: it names the statement in the sampling ledger, in logs and in errors. */
  readonly name: string;
  readonly sql: SqlText;
  readonly row: z.ZodType<Row>;
}

/** A statement that ran. */
export interface RanQuery {
  readonly name: string;
  readonly sql: string;
  readonly parameters: readonly (string | number | null)[];
  /** Rows that it returned or wrote. */
  readonly rows: number;
  readonly seconds: number;
}

/** Values as shown in the log: as bound, BIGINTs in digits. */
export function loggedParameters(values: readonly SqlValue[]): (string | number | null)[] {
  return values.map((value) => (typeof value === 'bigint' ? value.toString() : value));
}
