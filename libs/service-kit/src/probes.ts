import { FactoryError, ServerAwayError, messageOf } from '@factory/domain';
import { ledgerDataSourceOptions } from '@factory/ledger';
import { checkJetStream, connectBroker } from '@factory/messaging';
import { awayReason } from '@factory/mysql';
import type { ObjectStore } from '@factory/object-store';
import { DataSource } from 'typeorm';
import type { ServerProbe } from './check-servers';

/**
 * Changes nothing; a server that is read-only, or without write privilege for the account, refuses it like any
 * change.
 */
const TRY_TO_WRITE = "UPDATE factory_run SET stage = stage WHERE run_id = ''";
const PROBE_KEY = 'health/probe.txt';

/** Connects to NATS and checks JetStream. */
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

/** Opens a session, and checks the ledger's tables and whether it can write. */
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

/** Checks the bucket, and whether it can write to it and read from it. */
export function storeProbe(store: Pick<ObjectStore, 'check' | 'get' | 'put'>): ServerProbe {
  return {
    name: 'store',
    variable: 'S3_ENDPOINT',
    check: async () => {
      await store.check();
      await store.put(PROBE_KEY, 'A service asked whether it may write.\n', { contentType: 'text/plain' });
      await store.get(PROBE_KEY, 'document');
    },
  };
}

/** @throws ServerAwayError when the ledger cannot be changed now, or is not migrated yet */
export async function checkLedger(dataSource: Pick<DataSource, 'query'>): Promise<void> {
  try {
    await dataSource.query(TRY_TO_WRITE);
  } catch (thrown) {
    throw ledgerError(thrown);
  }
}

function ledgerError(thrown: unknown): unknown {
  if (thrown instanceof FactoryError) return thrown;
  const why = awayReason(thrown);
  if (why === 'missing')
    return new ServerAwayError('database', { cause: thrown, why, todo: 'run `factory provision`' });
  if (why) return new ServerAwayError('database', { cause: thrown, why });
  return new FactoryError(
    'database-refused',
    `give a user and a database that exist (${messageOf(thrown)})`,
    false,
    { cause: thrown },
  );
}
