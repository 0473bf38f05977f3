import type { Claim } from '@factory/ledger';

/** Observes a stage at work: log, metrics, progress. Must not throw. */
export interface StageObserver {
  /** @returns a function to call with the outcome when the unit is settled */
  started(claim: Claim): (outcome: string, error?: unknown) => void;
  /** Runs `work` so that all its log lines name run, product and stage. */
  within<T>(claim: Claim, work: () => Promise<T>): Promise<T>;
  tell(claim: Claim, doing: string, figures?: Readonly<Record<string, number>>): void;
}
