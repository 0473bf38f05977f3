import type { LeftOutProduct } from '@factory/domain';
import {
  Runs,
  SourceWaits,
  leftOutProductsOf,
  type RunFilter,
  type RunSummary,
  type SourceWait,
  type WaitOf,
} from '@factory/ledger';
import type { DataSource } from 'typeorm';

/** A run, and the source that it waits for. */
export interface ListedRun extends RunSummary {
  /** Null if it waits for none. */
  readonly waiting: WaitOf | null;
}

/** Runs, and which work waits for unavailable sources. */
export interface RunList {
  readonly runs: readonly ListedRun[];
  /** What waits, by source; for the requested source, or for all. */
  readonly waiting: readonly SourceWait[];
  /** What the requested request waits for before it can be accepted. */
  readonly requestWaits: WaitOf | undefined;
  /** Products for which the requested request could not start a run. */
  readonly leftOut: readonly LeftOutProduct[];
}

/** Runs that match a filter, latest first. @throws ServerAwayError */
export async function listRuns(ledger: DataSource, filter: RunFilter, codeVersion: string): Promise<RunList> {
  const waits = new SourceWaits(ledger);
  const { requestKey: request, source } = filter;
  const [found, bySource, requestWaits, leftOut] = await Promise.all([
    new Runs(ledger, codeVersion).list(filter),
    waits.bySource(),
    request === undefined ? undefined : waits.ofRequest(request),
    request === undefined ? [] : leftOutProductsOf(ledger, request),
  ]);
  const inFlight = found.filter((run) => run.outcome === null).map((run) => run.run);
  const waitOf = await waits.ofRuns(inFlight);
  return {
    runs: found.map((run) => ({ ...run, waiting: waitOf.get(run.run) ?? null })),
    waiting: bySource.filter((wait) => source === undefined || wait.source === source),
    requestWaits,
    leftOut,
  };
}
