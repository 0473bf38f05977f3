import type { SimulatedEventTable } from './event-tables';
import type { SimulatedTable } from './feature-tables';

export interface ProductPlan {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  readonly visits: number;
  readonly baseRate: number;
  /** Visit ids of this product are above this. */
  readonly firstVisitId: number;
  /** Added to the log-odds of every visit so that their mean probability is the base rate. */
  readonly intercept: number;
}

export interface ShopPlan {
  readonly source: string;
  readonly seed: number;
  /** Midnight UTC of the first day, milliseconds. */
  readonly startMs: number;
  readonly days: number;
  /** Factor on what features add to the log-odds. */
  readonly signal: number;
  readonly tables: readonly SimulatedTable[];
  /** Empty = the source has no cut: visits are complete. */
  readonly eventTables: readonly SimulatedEventTable[];
  readonly products: readonly ProductPlan[];
}
