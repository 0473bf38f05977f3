import { errorKindOf, type ErrorKind, driverWithOwnSessions } from '@factory/mysql';
import type * as mysql2 from 'mysql2';

/**
 * Errors after which a connection is destroyed instead of returned to the pool, together with all idle ones,
 * which lead to the same server. After a failover the next statement then connects to the current server of the
 * address, with the current privileges of the account.
 */
const SPOILS: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'gone',
  'shutting-down',
  'read-only',
  'refused',
  'not-granted',
]);

/** Rows of the ledger are locked for milliseconds; a lease expires after 30 s. */
const LOCK_WAIT_SECONDS = 10;

type Send = (sql: unknown, ...rest: unknown[]) => unknown;
type Callback = (error: unknown, ...results: unknown[]) => void;

export interface LedgerPoolOptions {
  /** A server that does not answer a statement for this long is considered lost; 0 waits without limit. */
  readonly answerTimeoutMs: number;
}

/** The driver, with pools that drop a server that is lost, demoted, or no longer accepts the account. */
export function ledgerDriver({ answerTimeoutMs }: LedgerPoolOptions): typeof driverWithOwnSessions {
  return {
    ...driverWithOwnSessions,
    createPool: (config) => {
      const pool = driverWithOwnSessions.createPool(config);
      leaveLostServers(pool, answerTimeoutMs);
      return pool;
    },
  };
}

function leaveLostServers(pool: mysql2.Pool, answerTimeoutMs: number): void {
  let generation = 0;
  const idle = new Set<mysql2.PoolConnection>();
  const madeIn = new WeakMap<mysql2.PoolConnection, number>();
  const leave = (connection: mysql2.PoolConnection): void => {
    // All statements in progress on a lost server fail: only the first failure says anything about the current
    // idle connections.
    if (madeIn.get(connection) === generation) {
      generation++;
      for (const other of idle) other.destroy();
      idle.clear();
    }
    connection.destroy();
  };
  pool.on('connection', (connection) => {
    madeIn.set(connection, generation);
    connection.query(`SET SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`, () => undefined);
    watch(connection, answerTimeoutMs, (error) => {
      const kind = errorKindOf(error);
      if (kind && SPOILS.has(kind)) leave(connection);
    });
  });
  pool.on('acquire', (connection) => idle.delete(connection));
  pool.on('release', (connection) => {
    if (madeIn.get(connection) === generation) idle.add(connection);
    else connection.destroy();
  });
}

/** Reports every statement that fails or is not answered in time, before its caller gets the error. */
function watch(
  connection: mysql2.PoolConnection,
  timeoutMs: number,
  onError: (error: unknown) => void,
): void {
  const watched = connection as unknown as Record<'query' | 'execute', Send>;
  for (const method of ['query', 'execute'] as const) {
    const send = watched[method].bind(connection) as Send;
    watched[method] = (sql, ...rest) => {
      const told = rest.at(-1);
      if (typeof told !== 'function') return send(sql, ...rest);
      let answered = false;
      const answer: Callback = (error, ...results) => {
        if (answered) return;
        answered = true;
        clearTimeout(timer);
        if (error) onError(error);
        (told as Callback)(error, ...results);
      };
      const timer = timeoutMs > 0 ? setTimeout(() => answer(noAnswer(timeoutMs)), timeoutMs) : undefined;
      return send(sql, ...rest.slice(0, -1), answer);
    };
  }
}

function noAnswer(timeoutMs: number): Error {
  // The driver's own code; its own timeout does not apply while a statement is prepared.
  const code = 'PROTOCOL_SEQUENCE_TIMEOUT';
  return Object.assign(new Error(`no answer within ${timeoutMs / 1_000} s`), { code });
}
