import { DEFAULT_POOL } from '@factory/contracts';
import { checkPoolName, messageOf } from '@factory/domain';
import {
  Policies,
  connectLedger,
  createLedgerDatabase,
  migrateLedger,
  withProvisioningLock,
} from '@factory/ledger';
import { factoryPlan, provision } from '@factory/messaging';
import { parseConnectionString } from '@factory/mysql';
import type { DataSource } from 'typeorm';
import { ledgerError, type Servers } from './servers';

/** Pools besides those that policies name: trainers may be deployed before the first policy names their pool. */
export const TRAINER_POOLS_VARIABLE = 'TRAINER_POOLS';

export interface ProvisionStep {
  readonly kind: 'database' | 'migration' | 'stream' | 'consumer' | 'bucket';
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged';
  /** What a stream holds at most. */
  readonly bounds?: string;
  readonly note?: string;
}

export interface ProvisionOptions {
  readonly pools: readonly string[];
  readonly replicas: number;
}

/** @throws BadInputError `invalid-name` */
export function poolsFrom(list: string | undefined): string[] {
  const named = (list ?? '').split(',').map((one) => one.trim());
  return named.filter((one) => one !== '').map((one) => checkPoolName(TRAINER_POOLS_VARIABLE, one));
}

/**
 * Prepares database, broker and store; checks all three before it changes the broker.
 *
 * @param onFurtherFault called with every fault except the first, which is thrown
 */
export async function provisionAll(
  servers: Servers,
  options: ProvisionOptions,
  onFurtherFault: (text: string) => void,
): Promise<ProvisionStep[]> {
  const [database, broker, store] = await Promise.allSettled([
    openLedger(servers.ledgerUrl),
    servers.broker(),
    servers.store().check(),
  ]);
  const faults = [database, broker, store].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  faults.slice(1).forEach((fault) => onFurtherFault(messageOf(fault)));
  try {
    if (database.status === 'rejected' || broker.status === 'rejected' || faults.length > 0) throw faults[0];
    const { ledger, step } = database.value;
    const migrations = await migrateLedger(ledger);
    const pools = [
      ...new Set([DEFAULT_POOL, ...(await new Policies(ledger).pools()), ...options.pools]),
    ].sort();
    const onBroker = await withProvisioningLock(ledger, () =>
      provision(broker.value, factoryPlan(pools, options.replicas, servers.streamBounds)),
    );
    return [
      step,
      ...migrations.map((name): ProvisionStep => ({ kind: 'migration', name, result: 'created' })),
      ...onBroker,
      { kind: 'bucket', name: servers.store().locate(''), result: 'unchanged' },
    ];
  } finally {
    if (database.status === 'fulfilled') await database.value.ledger.destroy();
  }
}

async function openLedger(url: string): Promise<{ ledger: DataSource; step: ProvisionStep }> {
  const created = await createLedgerDatabase(url);
  const { database } = parseConnectionString('FACTORY_DATABASE_URL', url);
  const ledger = await connectLedger(url).catch((thrown: unknown) => {
    throw ledgerError(thrown, url);
  });
  return { ledger, step: { kind: 'database', name: database, result: created ? 'created' : 'unchanged' } };
}
