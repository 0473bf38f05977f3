import { BadInputError } from '@factory/domain';
import { AbstractLogger, DataSource, type DataSourceOptions } from 'typeorm';
import { EventEntity } from './entities/event.entity';
import { AuditEntity, PolicyEntity } from './entities/fleet.entity';
import { ModelStateEntity } from './entities/model-state.entity';
import { ModelEntity, ModelRunEntity, TrialEntity } from './entities/model.entity';
import { RequestAttemptEntity, RequestLeftOutEntity } from './entities/request-attempt.entity';
import { RequestEntity, RequestRunEntity, RequestWaitEntity } from './entities/request.entity';
import { RunEntity } from './entities/run.entity';
import { StageEntity } from './entities/stage.entity';
import { ledgerDriver, type LedgerPoolOptions } from './ledger-pool';
import { CreateLedger1700000000000 } from './migrations/1700000000000-create-ledger';
import { RecordSourceWaits1795700000000 } from './migrations/1795700000000-record-source-waits';
import { withProvisioningLock } from './provisioning-lock';
import { sqlOf } from './transaction';

/**
 * TypeORM prints a failed migration to standard output, which is reserved for a command's own data; the error
 * is thrown as well.
 */
class QuietLogger extends AbstractLogger {
  protected override writeLog(): void {
    // Prints nothing.
  }
}
import { CountRequestAttempts1795800000000 } from './migrations/1795800000000-count-request-attempts';
import { NameFamiliesOfTrials1795900000000 } from './migrations/1795900000000-name-families-of-trials';
import { KeepStatesOfModels1796000000000 } from './migrations/1796000000000-keep-states-of-models';
import { RecordOverrules1796000100000 } from './migrations/1796000100000-record-overrules';
import { RecordWindowsOfTrials1796100000000 } from './migrations/1796100000000-record-windows-of-trials';

/** A server that does not answer for this long is considered lost; more than the ledger's own lock wait. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * How to connect to the ledger.
 *
 * @param url full connection string, mysql://user:password@host:port/database
 * @param options default: for services, none of whose statements takes half a minute
 */
export function ledgerDataSourceOptions(
  url: string,
  options: LedgerPoolOptions = { answerTimeoutMs: ANSWER_TIMEOUT_MS },
): DataSourceOptions {
  return {
    type: 'mysql',
    driver: ledgerDriver(options),
    url,
    entities: [
      RequestEntity,
      RequestRunEntity,
      RequestWaitEntity,
      RequestAttemptEntity,
      RequestLeftOutEntity,
      RunEntity,
      StageEntity,
      EventEntity,
      PolicyEntity,
      AuditEntity,
      ModelEntity,
      ModelStateEntity,
      ModelRunEntity,
      TrialEntity,
    ],
    migrations: [
      CreateLedger1700000000000,
      RecordSourceWaits1795700000000,
      CountRequestAttempts1795800000000,
      NameFamiliesOfTrials1795900000000,
      KeepStatesOfModels1796000000000,
      RecordOverrules1796000100000,
      RecordWindowsOfTrials1796100000000,
    ],
    migrationsTableName: 'factory_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logger: new QuietLogger(),
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize: 8,
    connectTimeout: 5_000,
    // The server counts prepared statements over all its sessions (max_prepared_stmt_count, 16,382 by default).
    extra: {
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
      maxIdle: 4,
      idleTimeout: 60_000,
      maxPreparedStatements: 32,
    },
  };
}

/** A connected ledger data source; the caller destroys it. Its statements may take long, as migrations do. */
export async function connectLedger(url: string): Promise<DataSource> {
  return new DataSource(ledgerDataSourceOptions(url, { answerTimeoutMs: 0 })).initialize();
}

/**
 * Migrates the ledger's tables to the current schema, one process at a time. A process killed at any statement
 * leaves nothing that blocks the next one: MySQL commits each schema change separately, so every statement of a
 * migration can be repeated (ADR 0026).
 *
 * @returns names of the migrations that ran
 * @throws BadInputError `ledger-differs` when tables of these names exist that are not ours
 * @throws FactoryError `provisioning-busy` when another process does not finish
 */
export function migrateLedger(dataSource: DataSource): Promise<string[]> {
  return withProvisioningLock(dataSource, async () => {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await checkColumns(dataSource);
    return ran.map((migration) => migration.name);
  });
}

/**
 * `IF NOT EXISTS` accepts any table of that name: one that lacks a column is reported here, not by the first
 * run.
 */
async function checkColumns(dataSource: DataSource): Promise<void> {
  const rows = await sqlOf(dataSource).rows(
    `SELECT table_name AS table_name, column_name AS column_name FROM information_schema.columns
      WHERE table_schema = DATABASE()`,
  );
  const there = new Set(rows.map((row) => `${row['table_name']}.${row['column_name']}`));
  const missing = dataSource.entityMetadatas
    .flatMap(({ tableName, columns }) => columns.map(({ databaseName }) => `${tableName}.${databaseName}`))
    .filter((column) => !there.has(column));
  if (missing.length === 0) return;
  throw new BadInputError('ledger-differs', {
    field: 'FACTORY_DATABASE_URL',
    value: missing,
    todo: 'use a separate database for the ledger: tables of these names exist there and lack these columns',
  });
}
