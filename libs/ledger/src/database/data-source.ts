import { BadInputError } from '@factory/domain';
import { AbstractLogger, DataSource, type DataSourceOptions } from 'typeorm';
import { EventEntity } from './entities/event.entity';
import { AuditEntity, PolicyEntity } from './entities/fleet.entity';
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

/** TypeORM prints a failed migration on standard output, where only a command's own data belong; it is thrown as well. */
class QuietLogger extends AbstractLogger {
  protected override writeLog(): void {
    // Nothing is written.
  }
}
import { CountRequestAttempts1795800000000 } from './migrations/1795800000000-count-request-attempts';
import { NameFamiliesOfTrials1795900000000 } from './migrations/1795900000000-name-families-of-trials';

/** A server that is silent for so long is gone; above the ledger's own wait for locks. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * How to reach the ledger.
 *
 * @param url full connection string, mysql://user:password@host:port/database
 * @param options default: for services, no statement of which takes half a minute
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
      ModelRunEntity,
      TrialEntity,
    ],
    migrations: [
      CreateLedger1700000000000,
      RecordSourceWaits1795700000000,
      CountRequestAttempts1795800000000,
      NameFamiliesOfTrials1795900000000,
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
    // Prepared statements count on the server for all its sessions (max_prepared_stmt_count, 16,382 by default).
    extra: {
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
      maxIdle: 4,
      idleTimeout: 60_000,
      maxPreparedStatements: 32,
    },
  };
}

/** A connected ledger data source; the caller destroys it. Its statements may take long: migrations do. */
export async function connectLedger(url: string): Promise<DataSource> {
  return new DataSource(ledgerDataSourceOptions(url, { answerTimeoutMs: 0 })).initialize();
}

/**
 * Brings the ledger's tables up to date, one process at a time. A process that is killed at any statement leaves
 * nothing that stops the next one: MySQL commits each change of a table by itself, so every statement of a migration
 * can be run again (ADR 0026).
 *
 * @returns names of the migrations that ran
 * @throws BadInputError `ledger-differs` when tables of these names are there that are not ours
 * @throws FactoryError `provisioning-busy` when another process does not end
 */
export function migrateLedger(dataSource: DataSource): Promise<string[]> {
  return withProvisioningLock(dataSource, async () => {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await checkColumns(dataSource);
    return ran.map((migration) => migration.name);
  });
}

/** `IF NOT EXISTS` takes any table of that name: one that lacks a column is named here, not by the first run. */
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
    todo: 'name a database of its own for the ledger: its tables of these names lack these columns',
  });
}
