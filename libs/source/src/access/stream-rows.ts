import type { SqlText, SqlValue } from '@factory/mysql';
import mysql, { type QueryOptions } from 'mysql2';
import type { SourceConnection } from './source-connection';

/**
 * `text` for statements that MySQL does not prepare: beginning and ending a transaction. It binds no values.
 */
export type Protocol = 'binary' | 'text';

/**
 * Executes one prepared statement (binary protocol: six times as fast as the text protocol) and passes on each
 * row as it arrives; rows are never buffered, so `onRow` must be fast.
 *
 * An error of `onRow` or an aborted signal cuts the connection: rows in transit cannot be stopped otherwise.
 * The driver reports a lost connection only to the connection, not to the statement in progress, hence the
 * listeners on both.
 *
 * @returns number of rows
 */
export function streamRows(
  { driver, abandon }: SourceConnection,
  statement: SqlText,
  onRow: (row: unknown[]) => void,
  {
    signal,
    protocol = 'binary',
  }: { readonly signal?: AbortSignal | undefined; readonly protocol?: Protocol } = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    let rows = 0;
    const settle = (end: () => void) => {
      driver.off('error', fail);
      signal?.removeEventListener('abort', onAbort);
      end();
    };
    const fail = (cause: unknown) => settle(() => reject(cause));
    const cut = (cause: unknown) => {
      fail(cause);
      abandon();
    };
    const onAbort = () => cut(signal?.reason);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    driver.on('error', fail);
    try {
      // the declared type of `values` lacks typed parameters; the driver accepts them
      const values = statement.values.map(bound) as QueryOptions['values'];
      const command = { sql: statement.text, values, rowsAsArray: true };
      (protocol === 'binary' ? driver.execute(command) : driver.query(command))
        .on('error', fail)
        .on('result', (row: unknown) => {
          if (!Array.isArray(row)) return;
          rows++;
          try {
            onRow(row);
          } catch (cause) {
            cut(cause);
          }
        })
        .on('end', () => settle(() => resolve(rows)));
    } catch (cause) {
      fail(cause);
    }
  });
}

/** The driver sends every number as DOUBLE, which MySQL refuses in LIMIT: whole numbers are sent as BIGINT. */
function bound(value: SqlValue): unknown {
  return Number.isSafeInteger(value) ? mysql.TypedParameter.BIGINT(value as number) : value;
}
