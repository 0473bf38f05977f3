import type { Claim } from '@factory/ledger';

/** Who looks on while a stage works: log, metrics, progress. Must not throw. */
export interface StageObserver {
  /** @returns what to call when the unit is settled, with its outcome */
  started(claim: Claim): (outcome: string, error?: unknown) => void;
  /** Runs `work` so that everything it logs names run, product and stage. */
  within<T>(claim: Claim, work: () => Promise<T>): Promise<T>;
  tell(claim: Claim, doing: string, figures?: Readonly<Record<string, number>>): void;
}
