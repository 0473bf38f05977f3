import { BadInputError, FactoryError, ServerAwayError, messageOf } from '@factory/domain';
import { createConnection, type Connection } from 'mysql2/promise';
import { outageReason } from './connection-errors';
import { parseConnectionString } from './connection-string';
import { SESSION_STATEMENTS } from './session';

/**
 * A connection of an account that owns a shop's tables: the simulator and the import write with it, stages do
 * not. Its session is configured by us, see `SESSION_STATEMENTS`.
 *
 * @param field the reader's name of the connection string, such as its environment variable
 * @throws BadInputError for an invalid connection string, or `database-access-denied`
 * @throws ServerAwayError `source-away`, `source-busy` and the like
 */
export async function connectAsOwner(
  field: string,
  connectionString: string | undefined,
): Promise<Connection> {
  const address = parseConnectionString(field, connectionString);
  try {
    const connection = await createConnection({
      ...address,
      charset: 'utf8mb4',
      timezone: 'Z',
      connectTimeout: 10_000,
    });
    for (const statement of SESSION_STATEMENTS) await connection.query(statement);
    return connection;
  } catch (cause) {
    throw ownerError(field, cause);
  }
}

/** Converts an error of the driver on such a connection into one of the factory's. */
export function ownerError(field: string, cause: unknown): FactoryError {
  if (cause instanceof FactoryError) return cause;
  const why = outageReason(cause);
  if (why) return new ServerAwayError('source', { cause, why });
  const { code } = cause as { code?: string };
  if (code?.includes('ACCESS_DENIED') || code === 'ER_DBACCESS_DENIED_ERROR' || code === 'ER_BAD_DB_ERROR') {
    const todo = `name a user that may create tables there (${messageOf(cause)})`;
    return new BadInputError('database-access-denied', { field, value: '(hidden)', todo }, { cause });
  }
  return new FactoryError('database-statement-failed', `${field}: ${messageOf(cause)}`, false, { cause });
}
