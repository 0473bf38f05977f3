import { BadInputError, ServerAwayError, messageOf } from '@factory/domain';
import { outageReason, parseConnectionString } from '@factory/mysql';
import { sourceGrants } from '@factory/source';
import { createConnection, type Connection } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';

/** Variable with the connection string of an account that may create databases and accounts. */
export const ADMIN_VARIABLE = 'SOURCE_ADMIN_URL';

/** The server's internal accounts, for any host. */
const SERVER_ACCOUNTS: ReadonlySet<string> = new Set(['root', 'mysql']);
const READER_NAME = /^[A-Za-z0-9_-]{1,32}$/;
/** Host part of a new account: all hosts. */
const HOST = '%';

export interface ReaderRequest {
  readonly adminUrl: string;
  readonly user: string;
  /** Database that it reads. */
  readonly database: string;
  /** Variable with the source's connection string. */
  readonly connectionEnv: string;
  /** The current value of that variable. */
  readonly connection: string | undefined;
}

/** `kept`: it is the source's own account already, and its password stays. */
export type ReaderPlan = 'create' | 'kept';

/** Parses the option. @throws BadInputError `invalid-reader` */
export function readerName(text: string): string {
  if (READER_NAME.test(text)) return text;
  const todo = 'give 1 to 32 letters, digits, _ or -';
  throw new BadInputError('invalid-reader', { field: 'reader', value: text, todo });
}

/**
 * Decides what to do with an account before anything else is done, without changes. An account is the source's own
 * only if the source's variable names it, with its password, for the same database.
 *
 * @throws BadInputError `reader-exists` for any other account that exists, `cannot-create-reader`
 */
export async function planReader(request: ReaderRequest): Promise<ReaderPlan> {
  const isFree = await withAdmin(request, async (connection, admin) => {
    const { user } = request;
    if (user === admin || SERVER_ACCOUNTS.has(user)) return false;
    if (await isListed(connection, user)) return false;
    // Not every admin may list accounts: in that case, creating the account shows whether it exists.
    if (!(await isCreated(connection, user, newPassword()))) return false;
    await connection.query('DROP USER ?@?', [user, HOST]);
    return true;
  });
  if (isFree) return 'create';
  if (isOwn(request)) return 'kept';
  throw readerExists(request);
}

/**
 * Creates an account with exactly the rights that the factory needs on a database, and a new password.
 *
 * @returns its connection string
 * @throws BadInputError `reader-exists`, `cannot-create-reader` if the admin may not create accounts
 */
export async function createReader(request: ReaderRequest): Promise<string> {
  const { user, database } = request;
  const { host, port } = parseConnectionString(ADMIN_VARIABLE, request.adminUrl);
  const password = newPassword();
  const isNew = await withAdmin(request, async (connection) => {
    if (!(await isCreated(connection, user, password))) return false;
    for (const grant of sourceGrants({ user, host: HOST, database })) await connection.query(grant);
    return true;
  });
  if (!isNew) throw readerExists(request);
  return `mysql://${encodeURIComponent(user)}:${password}@${host}:${port}/${encodeURIComponent(database)}`;
}

function newPassword(): string {
  return randomBytes(18).toString('base64url');
}

function isOwn({ user, database, connectionEnv, connection }: ReaderRequest): boolean {
  if (connection === undefined) return false;
  const own = parseConnectionString(connectionEnv, connection);
  return own.user === user && own.database === database;
}

/** Whether the server lists the account, for any host; false if the admin may not list accounts. */
async function isListed(connection: Connection, user: string): Promise<boolean> {
  try {
    const [rows] = await connection.query('SELECT 1 FROM mysql.user WHERE User = ? LIMIT 1', [user]);
    return Array.isArray(rows) && rows.length > 0;
  } catch (thrown) {
    if (/ACCESS_?DENIED|SPECIFIC_ACCESS/.test(codeOf(thrown))) return false;
    throw thrown;
  }
}

/** Error codes for an existing account; MySQL has another code for one that owns a view or a trigger. */
const TAKEN = new Set(['ER_CANNOT_USER', 'ER_CANNOT_USER_REFERENCED_AS_DEFINER']);

/** @returns false if the account exists */
async function isCreated(connection: Connection, user: string, password: string): Promise<boolean> {
  try {
    await connection.query('CREATE USER ?@? IDENTIFIED BY ?', [user, HOST, password]);
    return true;
  } catch (thrown) {
    if (TAKEN.has(codeOf(thrown))) return false;
    throw thrown;
  }
}

function codeOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function readerExists({ user, database, connectionEnv }: ReaderRequest): BadInputError {
  return new BadInputError('reader-exists', {
    field: 'reader',
    value: user,
    todo:
      'choose another name: an account of this name exists, and its password is left as it is; if it is the ' +
      `account of this source, set ${connectionEnv} to its connection string to ${database}, or leave --reader out`,
  });
}

async function withAdmin<Result>(
  { adminUrl, user }: ReaderRequest,
  use: (connection: Connection, admin: string) => Promise<Result>,
): Promise<Result> {
  const { host, port, ...admin } = parseConnectionString(ADMIN_VARIABLE, adminUrl);
  let connection: Connection | undefined;
  try {
    connection = await createConnection({ host, port, user: admin.user, password: admin.password });
    return await use(connection, admin.user);
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
}
