import type { Verdict } from '@factory/model';

/** What a verdict looks at. Log-losses are natural and weighted, over the same judging rows. */
export interface VerdictInput {
  readonly challengerLogLoss: number;
  /** Null when nothing is in force, or what is in force cannot be read. */
  readonly championLogLoss: number | null;
  readonly judgingGoals: number;
}

/**
 * Promote, keep or reject (RULES R8 in its first form): the first challenger is promoted, later ones when their
 * natural log-loss on the judging rows is lower; scores that are not numbers are rejected.
 */
export function reachVerdict({ challengerLogLoss, championLogLoss, judgingGoals }: VerdictInput): Verdict {
  const finite = Number.isFinite(challengerLogLoss);
  const reasons: Verdict['reasons'] = [
    {
      rule: 'finite-scores',
      figure: finite ? challengerLogLoss : null,
      limit: 'finite',
      result: passed(finite),
    },
    { rule: 'goals-to-judge-by', figure: judgingGoals, limit: 1, result: passed(judgingGoals >= 1) },
  ];
  if (!finite || judgingGoals < 1) return { decision: 'reject', reasons };
  if (championLogLoss === null) {
    reasons.push({ rule: 'no-champion', figure: null, limit: null, result: 'passed' });
    return { decision: 'promote', reasons };
  }
  const better = challengerLogLoss < championLogLoss;
  reasons.push({
    rule: 'lower-log-loss',
    figure: challengerLogLoss,
    limit: championLogLoss,
    result: passed(better),
  });
  return { decision: better ? 'promote' : 'keep', reasons };
}

/** The rule that decided, for the run's one-line reason. */
export function decisiveReason(verdict: Verdict): string {
  const failed = verdict.reasons.find((reason) => reason.result !== 'passed');
  if (!failed) return verdict.reasons.at(-1)?.rule ?? 'none';
  return failed.rule === 'lower-log-loss' ? 'worse' : failed.rule;
}

function passed(yes: boolean): string {
  return yes ? 'passed' : 'failed';
}
