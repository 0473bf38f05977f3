import { until, type Factory } from '@factory/testing';

/** A run in the ledger. */
export interface LedgerRun {
  readonly run: string;
  readonly source: string;
  readonly product: number;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly requestKey: string;
}

const RUNS = `
  SELECT run_id AS run, source, CAST(product AS UNSIGNED) AS product, outcome, reason, request_key AS requestKey
    FROM factory_run ORDER BY source, product, created_at`;

/** Every run of the ledger. */
export function allRuns(factory: Factory): Promise<LedgerRun[]> {
  return factory.rows<LedgerRun>(RUNS);
}

/** Waits until the given number of runs have been started and all have ended. */
export function whenEnded(factory: Factory, runs: number, timeoutMs = 120_000): Promise<LedgerRun[]> {
  return until(
    async () => {
      const all = await allRuns(factory);
      const open = all.filter((one) => one.outcome === null);
      if (all.length === runs && open.length === 0) return all;
      throw new RangeError(`${all.length} runs, open: ${open.map((one) => one.product).join(', ')}`);
    },
    { what: `${runs} runs have ended`, timeoutMs, everyMs: 250 },
  );
}

/** Units of work that did not succeed on the first claim: not done, claimed again, or with used attempts. */
export function troubledUnits(factory: Factory): Promise<object[]> {
  return factory.rows(
    `SELECT run_id, stage, shard, status, token, attempt, error FROM factory_stage
      WHERE status <> 'done' OR attempt > 0 OR (token <> 1 AND stage <> 'gather')`,
  );
}
