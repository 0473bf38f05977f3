import type { Verdict } from '@factory/model';

/** What a verdict looks at. Log-losses are natural and weighted, over the same judging rows. */
export interface VerdictInput {
  /** Null when the challenger's scores are not numbers. */
  readonly challengerLogLoss: number | null;
  /** Null when nothing is in force, or what is in force cannot be used. */
  readonly championLogLoss: number | null;
  readonly judgingGoals: number;
}

type Reason = Verdict['reasons'][number];

/**
 * Promote, keep or reject (rules R8 in its first form): the first challenger is promoted, later ones when their
 * natural log-loss on the judging rows is lower; scores that are not numbers are rejected.
 */
export function reachVerdict({ challengerLogLoss, championLogLoss, judgingGoals }: VerdictInput): Verdict {
  const finite = reason('finite-scores', challengerLogLoss, 'finite', challengerLogLoss !== null);
  const goals = reason('goals-to-judge-by', judgingGoals, 1, judgingGoals >= 1);
  const reasons = [finite, goals];
  if (challengerLogLoss === null) return { decision: 'reject', decisive: finite.rule, reasons };
  if (judgingGoals < 1) return { decision: 'reject', decisive: goals.rule, reasons };
  if (championLogLoss === null) {
    const first = reason('no-champion', null, null, true);
    return { decision: 'promote', decisive: first.rule, reasons: [...reasons, first] };
  }
  const better = challengerLogLoss < championLogLoss;
  const lower = reason('lower-log-loss', challengerLogLoss, championLogLoss, better);
  return better
    ? { decision: 'promote', decisive: lower.rule, reasons: [...reasons, lower] }
    : { decision: 'keep', decisive: 'worse', reasons: [...reasons, lower] };
}

function reason(rule: string, figure: Reason['figure'], limit: Reason['limit'], passed: boolean): Reason {
  return { rule, figure, limit, result: passed ? 'passed' : 'failed' };
}
