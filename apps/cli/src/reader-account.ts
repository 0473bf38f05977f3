import { randomBytes } from 'node:crypto';
import { BadInputError, ServerAwayError, messageOf } from '@factory/domain';
import { outageReason, parseConnectionString, sourceGrants } from '@factory/sql';
import { createConnection, type Connection } from 'mysql2/promise';

/** Variable with the connection string of an account that may create databases and accounts. */
export const ADMIN_VARIABLE = 'SOURCE_ADMIN_URL';

/**
 * Creates an account that has exactly the rights that the factory needs on a database, with a new password.
 *
 * @returns its connection string
 * @throws BadInputError `cannot-create-reader` when the admin may not
 */
export async function createReader(adminUrl: string, user: string, database: string): Promise<string> {
  const { host, port, ...admin } = parseConnectionString(ADMIN_VARIABLE, adminUrl);
  const password = randomBytes(18).toString('base64url');
  let connection: Connection | undefined;
  try {
    connection = await createConnection({ host, port, user: admin.user, password: admin.password });
    await connection.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [user, '%', password]);
    await connection.query('ALTER USER ?@? IDENTIFIED BY ?', [user, '%', password]);
    for (const grant of sourceGrants({ user, host: '%', database })) await connection.query(grant);
  } catch (cause) {
    const why = outageReason(cause);
    if (why) throw new ServerAwayError('source', { cause, why });
    throw new BadInputError(
      'cannot-create-reader',
      {
        field: 'reader',
        value: user,
        todo: `give ${ADMIN_VARIABLE} an account that may create accounts, or leave --reader out (${messageOf(cause)})`,
      },
      { cause },
    );
  } finally {
    await connection?.end().catch(() => undefined);
  }
  return `mysql://${encodeURIComponent(user)}:${password}@${host}:${port}/${encodeURIComponent(database)}`;
}
