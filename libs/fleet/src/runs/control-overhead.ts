import type { RunSummary, StageSummary } from '@factory/ledger';

/** The overhead between the commit of one stage and the start of the next one's own work. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly overheadMs: number;
}

export interface ControlOverhead {
  readonly transitions: readonly Transition[];
  /** Null if there is no transition. */
  readonly medianMs: number | null;
  readonly totalMs: number;
}

/**
 * Time from the ledger's commit of a stage to the start of the next stage's own work: claimed + start delay -
 * settled. For trials it is the group that began first after the plan; for evaluation, the time after
 * gathering. A stage that needed several attempts is left out: its last claim does not show when the first
 * began.
 */
export function controlOverhead(
  summary: Pick<RunSummary, 'createdAt'>,
  stages: readonly StageSummary[],
): ControlOverhead {
  const settled = (stage: string): Date | null =>
    stages.find((one) => one.stage === stage)?.settledAt ?? null;
  const steps: [from: string, settledAt: Date | null, to: string][] = [
    ['request', summary.createdAt, 'data-prep'],
    ['data-prep', settled('data-prep'), 'sampling'],
    ['sampling', settled('sampling'), 'trainer-plan'],
    ['trainer-plan', settled('trainer-plan'), 'trials'],
    ['gather', settled('gather'), 'evaluator'],
    ['evaluator', settled('evaluator'), 'publisher'],
  ];
  const transitions = steps.flatMap(([from, settledAt, to]): Transition[] => {
    const began = earliestBeginning(stages.filter((one) => one.stage === to && one.shard !== 'again'));
    return settledAt && began !== null ? [{ from, to, overheadMs: began - settledAt.getTime() }] : [];
  });
  const times = transitions.map((one) => one.overheadMs);
  return { transitions, medianMs: median(times), totalMs: times.reduce((sum, one) => sum + one, 0) };
}

function earliestBeginning(stages: readonly StageSummary[]): number | null {
  const beginnings = stages.flatMap(({ claimedAt, startDelayMs, attempt }) =>
    claimedAt && startDelayMs !== null && attempt === 0 ? [claimedAt.getTime() + startDelayMs] : [],
  );
  return beginnings.length > 0 ? Math.min(...beginnings) : null;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
