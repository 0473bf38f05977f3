import { FactoryError } from '@factory/domain';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { onOneConnection } from './transaction';

/** A migration of a large ledger may take minutes; more than that is somebody who hangs. */
const LONGEST_WAIT_SECONDS = 600;

/**
 * Does `work` while no other process provisions the same ledger. The lock belongs to a connection: a process that is
 * killed gives it back.
 *
 * @param waitSeconds for another that is at it
 * @throws FactoryError `provisioning-busy` (retryable) when the other has not ended by then
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
      // A lost connection has given it back already.
      await sql.rows('SELECT RELEASE_LOCK(?)', [name]).catch(() => undefined);
    }
  });
}

/** Locks are the whole server's, and their names have at most 64 characters. */
function lockName(database: string): string {
  return `factory-provision-${createHash('sha256').update(database).digest('hex').slice(0, 32)}`;
}

function busy(waitSeconds: number): FactoryError {
  return new FactoryError(
    'provisioning-busy',
    `another process has been provisioning this ledger for ${waitSeconds} s: look at it, end it, then try again`,
    true,
  );
}
