import * as mysql2 from 'mysql2';
import { DataSource, type DataSourceOptions } from 'typeorm';
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
    driver: mysql2,
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
    // A session that is not in UTC would shift every lease.
    extra: { enableKeepAlive: true, maxIdle: 4, idleTimeout: 60_000 },
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
