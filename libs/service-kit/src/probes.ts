import { FactoryError, ServerAwayError, messageOf } from '@factory/domain';
import { checkJetStream, connectBroker } from '@factory/messaging';
import type { ObjectStore } from '@factory/object-store';
import { awayReason, ledgerDataSourceOptions } from '@factory/sql';
import { DataSource } from 'typeorm';
import type { ServerProbe } from './check-servers';

const LEDGER_TABLE = 'factory_run';

/** Asks NATS for a connection and for JetStream. */
export function brokerProbe(url: string, name: string): ServerProbe {
  return {
    name: 'broker',
    variable: 'NATS_URL',
    check: async () => {
      const connection = await connectBroker({ url, name: `${name}-check` });
      try {
        await checkJetStream(connection);
      } finally {
        await connection.close();
      }
    },
  };
}

/** Asks the database for a session and for the ledger's tables. */
export function ledgerProbe(url: string): ServerProbe {
  return {
    name: 'database',
    variable: 'FACTORY_DATABASE_URL',
    check: async () => {
      const dataSource = new DataSource({ ...ledgerDataSourceOptions(url), entities: [], migrations: [] });
      try {
        await dataSource.initialize();
        await checkLedger(dataSource);
      } catch (thrown) {
        throw ledgerError(thrown);
      } finally {
        if (dataSource.isInitialized) await dataSource.destroy();
      }
    },
  };
}

/** Asks the store for the bucket. */
export function storeProbe(store: Pick<ObjectStore, 'check'>): ServerProbe {
  return { name: 'store', variable: 'S3_ENDPOINT', check: () => store.check() };
}

/** @throws ServerAwayError when the database is away or the migrations have not run yet */
export async function checkLedger(dataSource: Pick<DataSource, 'query'>): Promise<void> {
  try {
    await dataSource.query(`SELECT 1 FROM ${LEDGER_TABLE} LIMIT 1`);
  } catch (thrown) {
    throw ledgerError(thrown);
  }
}

function ledgerError(thrown: unknown): unknown {
  if (thrown instanceof FactoryError) return thrown;
  const why = awayReason(thrown);
  if (why) return new ServerAwayError('database', { cause: thrown, why });
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : '';
  if (code === 'ER_NO_SUCH_TABLE')
    return new ServerAwayError('database', {
      cause: new FactoryError('not-migrated', 'the ledger has no tables: run `factory provision`', true),
    });
  return new FactoryError(
    'database-refused',
    `give a user and a database that exist (${messageOf(thrown)})`,
    false,
    { cause: thrown },
  );
}
