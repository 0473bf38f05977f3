import { BadInputError, ServerAwayError, messageOf } from '@factory/domain';
import { outageReason, parseConnectionString } from '@factory/mysql';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

/**
 * Creates the ledger's database if it does not exist and the user may create it.
 *
 * @param url mysql://user:password@host:port/database
 * @returns whether it was created now
 * @throws BadInputError `database-refused` when it does not exist and may not be created, or the login is wrong
 * @throws ServerAwayError when nothing answers
 */
export async function createLedgerDatabase(url: string): Promise<boolean> {
  const { database, ...server } = parseConnectionString('FACTORY_DATABASE_URL', url);
  let connection: Connection | undefined;
  try {
    connection = await createConnection({ ...server, charset: 'UTF8MB4_GENERAL_CI', connectTimeout: 5_000 });
    const [found] = await connection.query<RowDataPacket[]>(
      'SELECT 1 FROM information_schema.schemata WHERE schema_name = ?',
      [database],
    );
    if (found.length > 0) return false;
    await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [database]);
    return true;
  } catch (cause) {
    const why = outageReason(cause);
    if (why) throw new ServerAwayError('database', { cause, why });
    throw new BadInputError(
      'database-refused',
      {
        field: 'FACTORY_DATABASE_URL',
        value: `${server.user}@${server.host}:${server.port}/${database}`,
        todo: `give a user who may use or create the database (${messageOf(cause)})`,
      },
      { cause },
    );
  } finally {
    await connection?.end().catch(() => undefined);
  }
}
