import { DEFAULT_POOL } from '@factory/contracts';
import { checkPoolName, messageOf } from '@factory/domain';
import { factoryPlan, provision } from '@factory/messaging';
import { Policies, connectLedger, createLedgerDatabase, migrateLedger } from '@factory/sql';
import { ledgerError, type Servers } from './servers';

/** Pools beside those that policies name: trainers may wait there before the first policy does. */
export const TRAINER_POOLS_VARIABLE = 'TRAINER_POOLS';

export interface ProvisionStep {
  readonly kind: 'database' | 'migration' | 'stream' | 'consumer' | 'bucket';
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged';
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
 * Makes database, broker and store ready; asks all three before it changes the broker.
 *
 * @param onFurtherFault told of every fault but the first, which is thrown
 */
export async function provisionAll(
  servers: Servers,
  options: ProvisionOptions,
  onFurtherFault: (text: string) => void,
): Promise<ProvisionStep[]> {
  const [ledger, broker, store] = await Promise.allSettled([
    provisionLedger(servers.ledgerUrl),
    servers.broker(),
    servers.store().check(),
  ]);
  const faults = [ledger, broker, store].flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  faults.slice(1).forEach((fault) => onFurtherFault(messageOf(fault)));
  if (ledger.status === 'rejected' || broker.status === 'rejected' || faults.length > 0) throw faults[0];
  const pools = [...new Set([DEFAULT_POOL, ...ledger.value.pools, ...options.pools])].sort();
  return [
    ...ledger.value.steps,
    ...(await provision(broker.value, factoryPlan(pools, options.replicas))),
    { kind: 'bucket', name: servers.store().locate(''), result: 'unchanged' },
  ];
}

async function provisionLedger(url: string): Promise<{ steps: ProvisionStep[]; pools: string[] }> {
  const created = await createLedgerDatabase(url);
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const ledger = await connectLedger(url).catch((thrown: unknown) => {
    throw ledgerError(thrown, url);
  });
  try {
    const migrations = await migrateLedger(ledger);
    return {
      steps: [
        { kind: 'database', name, result: created ? 'created' : 'unchanged' },
        ...migrations.map((migration): ProvisionStep => ({
          kind: 'migration',
          name: migration,
          result: 'created',
        })),
      ],
      pools: await new Policies(ledger).pools(),
    };
  } finally {
    await ledger.destroy();
  }
}
