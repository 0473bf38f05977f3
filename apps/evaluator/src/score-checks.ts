import { rowsOf } from '@factory/domain';
import {
  applyOverrules,
  checkScores,
  findingsOf,
  type CheckFinding,
  type CheckLimits,
  type Overrule,
} from '@factory/judgement';
import { weightedMean } from '@factory/metrics';
import { finiteProbabilitiesOf, judgedRowsOf, probabilitiesOf } from './judged-rows';
import type { ScoredVisits } from './score-visits';

/**
 * Data Checker 2 on the test rows, which are of the time that was trained on: how the share of goals has moved since is
 * for the verdict to say, not for a check of the scores. Without a goal among them, on the judging rows; likewise of scores
 * that were repaired, which are meant for the later days.
 *
 * @param percentiles of the bundle; empty if there are no judging rows
 */
export function scoreFindings(
  visits: ScoredVisits,
  { judging, isRepaired }: { readonly judging: Uint32Array; readonly isRepaired: boolean },
  percentiles: readonly number[],
  limits: CheckLimits,
  overrules: readonly Overrule[],
): CheckFinding[] {
  const test = rowsOf(visits, 'test');
  const rows = !isRepaired && test.some((row) => visits.labels[row] === 1) ? test : judging;
  const { labels, weights } = judgedRowsOf(visits, rows);
  const champion = finiteProbabilitiesOf(visits.others.champion, rows);
  const checked = checkScores(
    {
      // An infinite logit makes a finite probability, and is no score all the same.
      scores: probabilitiesOf(visits.logits.map(finiteOrNaN), rows),
      weights,
      expected: {
        rate: weightedMean(labels, weights),
        goals: labels.reduce((sum, label) => sum + label, 0),
      },
      percentiles,
      ...(champion ? { champion } : {}),
    },
    limits,
  );
  return applyOverrules(findingsOf(checked, limits), overrules);
}

function finiteOrNaN(logit: number): number {
  return Number.isFinite(logit) ? logit : NaN;
}
