import { DataSource, type DataSourceOptions } from 'typeorm';
import { driverWithOwnSessions } from '../session';
import { EventEntity } from './entities/event.entity';
import { AuditEntity, PolicyEntity } from './entities/fleet.entity';
import { ModelEntity, ModelRunEntity, TrialEntity } from './entities/model.entity';
import { RequestEntity, RequestRunEntity } from './entities/request.entity';
import { RunEntity } from './entities/run.entity';
import { StageEntity } from './entities/stage.entity';
import { CreateLedger1700000000000 } from './migrations/1700000000000-create-ledger';

/**
 * How to reach the ledger.
 *
 * @param url full connection string, mysql://user:password@host:port/database
 */
export function ledgerDataSourceOptions(url: string): DataSourceOptions {
  return {
    type: 'mysql',
    driver: driverWithOwnSessions,
    url,
    entities: [
      RequestEntity,
      RequestRunEntity,
      RunEntity,
      StageEntity,
      EventEntity,
      PolicyEntity,
      AuditEntity,
      ModelEntity,
      ModelRunEntity,
      TrialEntity,
    ],
    migrations: [CreateLedger1700000000000],
    migrationsTableName: 'factory_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    poolSize: 8,
    connectTimeout: 5_000,
    // Prepared statements count on the server for all its sessions (max_prepared_stmt_count, 16,382 by default).
    extra: { enableKeepAlive: true, maxIdle: 4, idleTimeout: 60_000, maxPreparedStatements: 32 },
  };
}

/** A connected ledger data source; the caller destroys it. */
export async function connectLedger(url: string): Promise<DataSource> {
  return new DataSource(ledgerDataSourceOptions(url)).initialize();
}

/** Brings the ledger's tables up to date; names of the migrations that ran. */
export async function migrateLedger(dataSource: DataSource): Promise<string[]> {
  const ran = await dataSource.runMigrations({ transaction: 'each' });
  return ran.map((migration) => migration.name);
}
