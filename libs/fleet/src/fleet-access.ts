import type { StoredEvent } from '@factory/ledger';
import type { DataSource } from 'typeorm';

/**
 * Tells everybody of a change that the ledger has committed.
 *
 * @param events that the change decided on
 * @param stopped runs whose workers are to look at once, instead of at their next heartbeat
 */
export type Announce = (events: readonly StoredEvent[], stopped?: readonly string[]) => Promise<void>;

/** What actions of people work with: the change goes to the ledger, the news of it to the broker. */
export interface FleetAccess {
  readonly ledger: DataSource;
  /** See `announceOver`. */
  readonly announce: Announce;
  /** Of the program that acts; the runs that it touches record it. */
  readonly codeVersion: string;
}
