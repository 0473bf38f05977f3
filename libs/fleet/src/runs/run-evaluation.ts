import { artefactField } from '@factory/contracts';
import { FactoryError } from '@factory/domain';
import type { StageSummary } from '@factory/ledger';
import { parseReport, type Report } from '@factory/model';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { fieldOf, lastOutput } from './stage-output';

/** The part of `report.json` about the candidate's performance, with its field names (rules R7). */
export type EvaluationReport = Pick<Report, (typeof SHOWN)[number]>;

const SHOWN = [
  ...(['judging', 'baseRate', 'baseRateChange', 'candidate', 'metrics', 'baselines'] as const),
  ...(['champion', 'anchor', 'windows', 'repair', 'warnings'] as const),
  ...(['scoreChecks', 'dataChecks', 'bytes', 'latencyMicros'] as const),
] as const;

/**
 * The figures of a run's latest evaluation, from the store.
 *
 * @param store opened only if there is something to read
 * @param onUnreadable called with the reason if the figures of an evaluation cannot be shown: the rest of the
 * run can
 * @returns null if the run is not evaluated, or its report cannot be read
 */
export async function runEvaluation(
  stages: readonly StageSummary[],
  store: () => Pick<ObjectStore, 'get'>,
  onUnreadable: (why: FactoryError) => void,
): Promise<EvaluationReport | null> {
  const reference = artefactField.safeParse(fieldOf(lastOutput(stages, 'evaluator'), 'report'));
  if (!reference.success) return null;
  try {
    const body = await getVerified(store(), reference.data);
    const report = parseReport(JSON.parse(body.toString('utf8')));
    const shown = Object.entries(report).filter(([field]) => SHOWN.some((one) => one === field));
    return Object.fromEntries(shown) as EvaluationReport;
  } catch (error) {
    if (!(error instanceof FactoryError)) throw error;
    onUnreadable(error);
    return null;
  }
}
