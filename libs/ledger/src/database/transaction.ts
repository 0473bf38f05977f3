import { FactoryError, ServerAwayError } from '@factory/domain';
import { awayReason } from '@factory/mysql';
import type { PoolConnection, ResultSetHeader } from 'mysql2';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { runAgain } from './run-again';

export type SqlValue = string | number | boolean | Date | null;
export type Row = Record<string, unknown>;

/** Statements inside one transaction, or on any connection of the pool. */
export interface Sql {
  rows(text: string, parameters?: readonly SqlValue[]): Promise<Row[]>;
  /** Executes a prepared statement. @returns the number of rows that its condition matched */
  change(text: string, parameters?: readonly SqlValue[]): Promise<number>;
}

/** Lends a connection to work: the transaction's, or one of the pool. */
type WithRunner = <T>(work: (runner: QueryRunner) => Promise<T>) => Promise<T>;
type Guard = <T>(work: () => Promise<T>) => Promise<T>;

const unguarded: Guard = (work) => work();
const guarded: Guard = (work) => work().catch(rethrowAway);
const repeated: Guard = (work) => runAgain(work).catch(rethrowAway);

/** Statements outside a transaction; an unavailable ledger is a ServerAwayError. */
export function sqlOf(dataSource: DataSource): Sql {
  return statements((work) => onRunner(dataSource, work), repeated);
}

/**
 * Runs `work` in one READ COMMITTED transaction. If InnoDB rolls it back in a deadlock, it is retried (see
 * `runAgain`), so `work` must have no effect outside the transaction.
 *
 * @throws ServerAwayError when the ledger is unavailable
 */
export async function inTransaction<T>(dataSource: DataSource, work: (sql: Sql) => Promise<T>): Promise<T> {
  return runAgain(() =>
    dataSource.transaction('READ COMMITTED', (manager) =>
      work(statements((statement) => statement(runnerOf(manager)), unguarded)),
    ),
  ).catch(rethrowAway);
}

/** Runs `work` on one connection of the pool, for things that belong to a connection (named locks). */
export async function onOneConnection<T>(dataSource: DataSource, work: (sql: Sql) => Promise<T>): Promise<T> {
  return onRunner(dataSource, (runner) => work(statements((statement) => statement(runner), guarded)));
}

async function onRunner<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}

function statements(withRunner: WithRunner, guard: Guard): Sql {
  return {
    rows: (text, parameters = []) =>
      guard(() => withRunner((runner) => runner.query(text, [...parameters]) as Promise<Row[]>)),
    change: (text, parameters = []) =>
      guard(() => withRunner((runner) => execute(runner, text, [...parameters]))),
  };
}

function runnerOf({ queryRunner }: EntityManager): QueryRunner {
  if (!queryRunner) throw new FactoryError('no-transaction', 'the transaction has no connection', false);
  return queryRunner;
}

/** Values are passed separately from the statement, never in its text. */
async function execute(runner: QueryRunner, text: string, parameters: SqlValue[]): Promise<number> {
  const connection = (await runner.connect()) as PoolConnection;
  runner.dataSource.logger.logQuery(text, parameters, runner);
  const [result] = await connection.promise().execute<ResultSetHeader>(text, parameters);
  return result.affectedRows;
}

/** Whether a statement was refused because a row with its unique key exists. */
export function isDuplicateKey(error: unknown): boolean {
  return (error as { code?: string }).code === 'ER_DUP_ENTRY';
}

function rethrowAway(error: unknown): never {
  // The factory's own errors already say what is unavailable: it may be another server, called within a
  // transaction.
  const why = error instanceof FactoryError ? undefined : awayReason(error);
  if (why) throw new ServerAwayError('database', { cause: error, why });
  throw error;
}

/** A JSON text column as a value; null stays null. */
export function fromJson<T>(text: unknown): T | null {
  return text === null || text === undefined ? null : (JSON.parse(String(text)) as T);
}

/** A DATETIME of the ledger (UTC) as a Date. */
export function asDate(value: unknown): Date | null {
  if (value === null || value === undefined) return null;
  return value instanceof Date ? value : new Date(`${String(value).replace(' ', 'T')}Z`);
}

/** A placeholder list `(?, ?, ?)`, repeated for a multi-row insert. */
export function placeholders(rows: number, columns: number): string {
  const one = `(${Array.from({ length: columns }, () => '?').join(', ')})`;
  return Array.from({ length: rows }, () => one).join(', ');
}
