import { isOfNewerRelease, type FactoryError } from '@factory/domain';
import { Runs, SourceWaits, auditOf, resolveRunId, trialsOf, type StoredTrial } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import type { DataSource } from 'typeorm';
import { runEvaluation } from './run-evaluation';
import { runFindings } from './run-findings';
import { runReport, type RunReport } from './run-report';

/** The sources of a run's report. */
export interface ReportSources {
  readonly ledger: DataSource;
  /** Opened only for a run that has files to be shown. */
  readonly store: () => Pick<ObjectStore, 'get'>;
  readonly codeVersion: string;
}

/**
 * The history of a run from the ledger, and the candidate's figures from the store.
 *
 * @param run its id, or the first letters of it
 * @param onUnreadable called with the reason if figures of the evaluation, or findings, are left out
 * @throws BadInputError `unknown-run` or `ambiguous-run`; ServerAwayError
 */
export async function showRun(
  { ledger, store, codeVersion }: ReportSources,
  run: string,
  onUnreadable: (why: FactoryError) => void,
): Promise<RunReport> {
  const runs = new Runs(ledger, codeVersion);
  const id = await resolveRunId(ledger, run);
  const [summary, stages, trials, audit, waits] = await Promise.all([
    runs.find(id),
    runs.stages(id),
    knownTrials(ledger, id, onUnreadable),
    auditOf(ledger, id),
    new SourceWaits(ledger).ofRuns([id]),
  ]);
  const evaluation = await runEvaluation(stages, store, onUnreadable);
  const findings = await runFindings(stages, store, onUnreadable);
  return runReport({ summary, stages, trials, evaluation, findings, audit, waiting: waits.get(id) ?? null });
}

/** Trials of a run with a family that only a later release knows are left out, which is told: the rest can be shown. */
function knownTrials(
  ledger: DataSource,
  run: string,
  onUnreadable: (why: FactoryError) => void,
): Promise<StoredTrial[]> {
  return trialsOf(ledger, run).catch((thrown: unknown) => {
    if (!isOfNewerRelease(thrown)) throw thrown;
    onUnreadable(thrown);
    return [];
  });
}
