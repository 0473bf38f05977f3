import { FactoryError } from '@factory/domain';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { onOneConnection } from './transaction';

/** Migrating a large ledger may take minutes; after this time the other process is considered stuck. */
const LONGEST_WAIT_SECONDS = 600;

/**
 * Runs `work` while no other process provisions the same ledger. The lock belongs to a connection: a process
 * that is killed releases it.
 *
 * @param waitSeconds how long to wait for another process
 * @throws FactoryError `provisioning-busy` (retryable) when the other process has not finished by then
 */
export function withProvisioningLock<T>(
  dataSource: DataSource,
  work: () => Promise<T>,
  waitSeconds = LONGEST_WAIT_SECONDS,
): Promise<T> {
  return onOneConnection(dataSource, async (sql) => {
    const [database] = await sql.rows('SELECT DATABASE() AS name');
    const name = lockName(String(database?.['name']));
    const [row] = await sql.rows('SELECT GET_LOCK(?, ?) AS taken', [name, waitSeconds]);
    if (Number(row?.['taken']) !== 1) throw busy(waitSeconds);
    try {
      return await work();
    } finally {
      // A lost connection has released it already.
      await sql.rows('SELECT RELEASE_LOCK(?)', [name]).catch(() => undefined);
    }
  });
}

/** Locks are global on the server, and their names have at most 64 characters. */
function lockName(database: string): string {
  return `factory-provision-${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
}

function busy(waitSeconds: number): FactoryError {
  return new FactoryError(
    'provisioning-busy',
    `another process has been provisioning this ledger for ${waitSeconds} s: check it, stop it, then try again`,
    true,
  );
}
