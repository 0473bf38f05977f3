import type { SqlText, SqlValue } from '@factory/mysql';
import mysql, { type QueryOptions } from 'mysql2';
import type { SourceConnection } from './source-connection';

/** `text` for what MySQL does not prepare: the beginning and the end of a transaction. It binds no values. */
export type Protocol = 'binary' | 'text';

/**
 * Executes one prepared statement (binary protocol: six times the text protocol) and hands over each row while
 * it arrives; rows are never buffered, so `onRow` must be quick.
 *
 * An error of `onRow` and an aborted signal cut the connection: rows under way cannot be called back. The driver
 * tells a lost connection to the connection only, not to the statement under way, hence the listener on both.
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
      // the declared type of `values` knows no typed parameters; the driver takes them
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

/** The driver sends every number as DOUBLE, which MySQL refuses in LIMIT: whole numbers go as BIGINT. */
function bound(value: SqlValue): unknown {
  return Number.isSafeInteger(value) ? mysql.TypedParameter.BIGINT(value as number) : value;
}
