import { BadInputError, FactoryError, SourceAwayError, messageOf } from '@factory/domain';
import {
  errorKindOf,
  ERROR_KINDS,
  type ErrorKind,
  SESSION_STATEMENTS,
  parseConnectionString,
} from '@factory/mysql';
import mysql from 'mysql2';
import { connect } from 'node:net';
import type { SourceDefinition } from '../declaration/sources-schema';

/** A connection with its socket: the driver's own `destroy` waits until the server has answered. */
export interface SourceConnection {
  readonly driver: mysql.Connection;
  /** Cuts the connection now; statements in progress fail as unavailable. */
  abandon(): void;
  /** Bytes received from the server so far. */
  received(): number;
}

export interface SourceSettings {
  /** Value of the variable that the source names. */
  readonly connectionString: string | undefined;
  /** Maximum time of one statement, enforced by the server. Whole seconds, at least 1. */
  readonly statementTimeoutSeconds: number;
  /** Maximum time from the first packet to a usable session; default 10 s. */
  readonly connectTimeoutMs?: number;
}

/** Codes of statements that failed and are retried, using an attempt. */
const COUNTED: Partial<Record<ErrorKind, string>> = {
  timeout: 'source-statement-timeout',
  killed: 'source-statement-killed',
};
const SILENT = { code: 'ETIMEDOUT' };
/**
 * The server ends a session that is idle for this long: one that lost its client would occupy a slot for hours.
 */
const IDLE_SECONDS = 600;

/**
 * Opens a connection to a source: UTC, utf8mb4, repeatable read (required for a consistent snapshot), strict,
 * and with a time limit on each statement.
 *
 * @throws BadInputError for an invalid connection string
 * @throws SourceAwayError
 */
export async function connectSource(
  definition: SourceDefinition,
  settings: SourceSettings,
): Promise<SourceConnection> {
  const address = parseConnectionString(definition.connectionEnv, settings.connectionString);
  const { connectTimeoutMs = 10_000 } = settings;
  const socket = connect(address.port, address.host).setNoDelay(true).setKeepAlive(true, 10_000);
  const driver = mysql.createConnection({
    ...address,
    stream: () => socket,
    charset: 'UTF8MB4_UNICODE_CI',
    timezone: 'Z',
    connectTimeout: connectTimeoutMs,
    rowsAsArray: true,
    supportBigNumbers: true,
  });
  driver.on('error', () => undefined);
  // The driver's own timeout ends with the handshake; a server may stop answering at any statement after it.
  const late = setTimeout(
    () => socket.destroy(Object.assign(new Error(`no answer within ${connectTimeoutMs} ms`), SILENT)),
    connectTimeoutMs,
  );
  try {
    await new Promise<void>((resolve, reject) =>
      driver.connect((error) => (error ? reject(error) : resolve())),
    );
    const version = await ask(driver, 'SELECT VERSION()');
    for (const statement of SESSION_STATEMENTS) await ask(driver, statement);
    await ask(driver, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await ask(driver, `SET SESSION wait_timeout = ${IDLE_SECONDS}`);
    await ask(driver, statementTimeout(String(version), settings.statementTimeoutSeconds));
  } catch (cause) {
    socket.destroy();
    throw sourceError(definition, 'connect', cause);
  } finally {
    clearTimeout(late);
  }
  return { driver, abandon: () => socket.destroy(), received: () => socket.bytesRead };
}

/** Closes a connection in order, or cuts it when the server does not answer within a second. */
export async function closeSource(connection: SourceConnection): Promise<void> {
  await new Promise<void>((resolve) => {
    const tooLong = setTimeout(resolve, 1_000);
    connection.driver.end(() => {
      clearTimeout(tooLong);
      resolve();
    });
  });
  connection.abandon();
}

/** Converts an error of the driver into one that says whether to wait, to correct or to retry. */
export function sourceError(definition: SourceDefinition, statement: string, cause: unknown): FactoryError {
  if (cause instanceof FactoryError) return cause;
  if (withoutMd5(cause)) {
    const todo =
      "let the server run INSTALL COMPONENT 'file://component_classic_hashing': MySQL 9.6 removed MD5";
    const refusal = { field: `sources.${definition.name}`, value: messageOf(cause), todo };
    return new BadInputError('source-without-md5', refusal, { cause });
  }
  const kind = errorKindOf(cause);
  const meaning = kind && ERROR_KINDS[kind];
  if (meaning && meaning.source !== 'attempt') {
    const { source: outcome, why } = meaning;
    const todo = why === 'refused' ? { todo: letIn(definition) } : {};
    return new SourceAwayError(definition.name, outcome, { cause, why, ...todo });
  }
  return new FactoryError(
    (kind && COUNTED[kind]) ?? 'source-statement-failed',
    `source ${definition.name}, statement ${statement}: ${messageOf(cause)}`,
    true,
    { cause },
  );
}

function letIn({ connectionEnv }: SourceDefinition): string {
  return (
    `allow the user of ${connectionEnv} to connect, without TLS (a MariaDB server that requires TLS reports the same), ` +
    'and grant it SELECT and CREATE TEMPORARY TABLES'
  );
}

/**
 * A user without access to the database's routines gets the error that MD5 is denied, others that it does not
 * exist.
 */
function withoutMd5(cause: unknown): boolean {
  const { code } = cause as { code?: string };
  return (
    (code === 'ER_SP_DOES_NOT_EXIST' || code === 'ER_PROCACCESS_DENIED_ERROR') &&
    /\.MD5\b/i.test(messageOf(cause))
  );
}

function statementTimeout(version: string, seconds: number): string {
  return /mariadb/i.test(version)
    ? `SET SESSION max_statement_time = ${Math.ceil(seconds)}`
    : `SET SESSION max_execution_time = ${Math.ceil(seconds) * 1_000}`;
}

function ask(driver: mysql.Connection, text: string): Promise<unknown> {
  return new Promise((resolve, reject) =>
    driver.query({ sql: text, rowsAsArray: true }, (error, rows) => {
      if (error) reject(error);
      else resolve(Array.isArray(rows) ? rows.flat()[0] : undefined);
    }),
  );
}
