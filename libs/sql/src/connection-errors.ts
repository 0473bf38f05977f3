/** Codes of Node and mysql2 for a server that is not there, and of MySQL and MariaDB for one that is going. */
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_ABORTING_CONNECTION',
  'ER_CONNECTION_KILLED',
  'ER_NET_READ_ERROR',
  'ER_NET_READ_INTERRUPTED',
  'ER_NET_ERROR_ON_WRITE',
  'ER_NET_WRITE_INTERRUPTED',
]);

/**
 * Whether a database error means that the server is away, rather than that the statement was wrong.
 * Looks through wrappers (TypeORM's `driverError`, `cause`).
 */
export function isConnectionError(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, message, cause, driverError } = thrown as Record<string, unknown>;
  if (typeof code === 'string' && AWAY_CODES.has(code)) return true;
  if (typeof message === 'string' && /connection is in closed state|Connection lost/i.test(message))
    return true;
  return isConnectionError(driverError) || isConnectionError(cause);
}
