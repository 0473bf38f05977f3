import type { StoredEvent } from '@factory/ledger';
import type { DataSource } from 'typeorm';

/**
 * Publishes a change that the ledger has committed.
 *
 * @param events of the change
 * @param stopped runs that their workers should check immediately, not only at their next heartbeat
 */
export type Announce = (events: readonly StoredEvent[], stopped?: readonly string[]) => Promise<void>;

/**
 * What people's actions need: the change is committed to the ledger, its events are published to the broker.
 */
export interface FleetAccess {
  readonly ledger: DataSource;
  /** See `announceOver`. */
  readonly announce: Announce;
  /** Version of the program that acts, recorded with the runs that it changes. */
  readonly codeVersion: string;
}
