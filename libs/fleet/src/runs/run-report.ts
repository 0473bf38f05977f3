import { DEFAULT_POLICY, expandGrid, GRID_NAMES, type ModelKey, type Policy } from '@factory/domain';
import type { AuditEntry, RunSummary, StageSummary, TrialRow, WaitOf } from '@factory/ledger';
import { secondsBetween } from '../../../../apps/cli/src/rendering/format';
import type { EvaluationReport } from './run-evaluation';

/** One unit of work as a person wants to see it. */
export interface UnitReport {
  readonly stage: string;
  readonly shard: string;
  readonly status: string;
  /** Claims that ended by error or expiry. */
  readonly failedAttempts: number;
  readonly owner: string | null;
  readonly queuedAt: Date;
  readonly claimedAt: Date | null;
  readonly settledAt: Date | null;
  /** From being queued to the (last) claim. */
  readonly queueSeconds: number | null;
  /** In a worker's hands, over all attempts. */
  readonly ownSeconds: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** What the machinery took between the commit of one stage and the first line of the next one's own work. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly overheadMs: number;
}

export interface ControlOverhead {
  readonly transitions: readonly Transition[];
  readonly medianMs: number | null;
  readonly totalMs: number;
}

/** What searching the grid took, and what training all of it would at most have taken. */
export interface SearchReport {
  readonly search: string;
  readonly trials: number;
  readonly gridTrials: number;
  /** Epochs of the trials that are recorded so far. */
  readonly epochsTrained: number;
  readonly epochsOfGrid: number;
}

export interface VerdictReport {
  readonly decision: string;
  readonly reasons: readonly unknown[];
}

export interface RunReport extends ModelKey {
  readonly run: string;
  readonly requestKey: string;
  readonly grid: string;
  readonly outcome: string | null;
  /** The source that it waits for, which is unavailable; null while it waits for none. */
  readonly waiting: WaitOf | null;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  /** Columns of the ledger's row that cannot be read. */
  readonly unreadable: readonly string[];
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly seconds: number | null;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly units: readonly UnitReport[];
  readonly controlOverhead: ControlOverhead;
  /** Of data-prep; see rules R1. */
  readonly window: unknown;
  readonly candidates: readonly unknown[];
  /** Of sampling; see rules R2. */
  readonly counts: unknown;
  readonly trials: readonly TrialRow[];
  /** Null while no trial is recorded. */
  readonly search: SearchReport | null;
  /** Number of the trial that won; null while none has. */
  readonly winner: number | null;
  /** Null while the run is not evaluated, or when its report cannot be read. */
  readonly evaluation: EvaluationReport | null;
  readonly verdict: VerdictReport | null;
  readonly published: Readonly<Record<string, unknown>> | null;
  readonly audit: readonly AuditEntry[];
}

export interface RunFacts {
  readonly summary: RunSummary;
  readonly stages: readonly StageSummary[];
  readonly trials: readonly TrialRow[];
  readonly evaluation: EvaluationReport | null;
  readonly audit: readonly AuditEntry[];
  /** Absent: it waits for no source. */
  readonly waiting?: WaitOf | null;
}

/** Puts together what happened to a run. */
export function runReport({ summary, stages, trials, evaluation, audit, waiting }: RunFacts): RunReport {
  const output = (stage: string): Readonly<Record<string, unknown>> => lastOutput(stages, stage) ?? {};
  const judged = output('evaluator');
  return {
    run: summary.run,
    requestKey: summary.requestKey,
    source: summary.source,
    product: summary.product,
    goal: summary.goal,
    grid: summary.grid,
    outcome: summary.outcome,
    waiting: waiting ?? null,
    reason: summary.reason,
    details: summary.details,
    unreadable: summary.unreadable,
    createdAt: summary.createdAt,
    finishedAt: summary.finishedAt,
    seconds: secondsBetween(summary.createdAt, summary.finishedAt),
    policy: summary.policy,
    units: stages.map(unitOf),
    controlOverhead: controlOverhead(summary, stages),
    window: output('data-prep')['window'] ?? null,
    candidates: listOf(output('data-prep')['candidates']),
    counts: output('sampling')['counts'] ?? null,
    trials,
    search: searchReport(summary, trials),
    winner: numberIn(judged['candidate'], 'trial'),
    evaluation,
    verdict: verdictOf(judged['verdict']),
    published: lastOutput(stages, 'publisher') ?? null,
    audit,
  };
}

/**
 * Time from the ledger's commit of a stage to the first line of own work of the next: claimed + start delay -
 * settled. Trials follow the plan with the group that began first; evaluation follows the gathering. A stage that
 * needed several attempts is left out: its last claim does not say when the first began.
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

/** @returns null when there is no trial yet, or the grid is not known here */
export function searchReport(
  summary: Pick<RunSummary, 'grid' | 'policy'>,
  trials: readonly Pick<TrialRow, 'epochsRun'>[],
): SearchReport | null {
  const grid = GRID_NAMES.find((name) => name === summary.grid);
  if (!grid || trials.length === 0) return null;
  const policy: Policy = { ...DEFAULT_POLICY, ...summary.policy };
  const gridTrials = expandGrid(grid).length;
  return {
    search: policy.search,
    trials: trials.length,
    gridTrials,
    epochsTrained: trials.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
    epochsOfGrid: gridTrials * policy.epochs,
  };
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

function unitOf(stage: StageSummary): UnitReport {
  return {
    stage: stage.stage,
    shard: stage.shard,
    status: stage.status,
    failedAttempts: stage.attempt,
    owner: stage.owner,
    queuedAt: stage.queuedAt,
    claimedAt: stage.claimedAt,
    settledAt: stage.settledAt,
    queueSeconds: secondsBetween(stage.queuedAt, stage.claimedAt),
    ownSeconds: stage.claimedSeconds,
    error: stage.error,
  };
}

/** Output of the unit of a stage that was done last. */
export function lastOutput(
  stages: readonly StageSummary[],
  stage: string,
): Readonly<Record<string, unknown>> | undefined {
  const done = stages.filter((one) => one.stage === stage && one.status === 'done' && one.output);
  const latest = done.sort((a, b) => (a.settledAt?.getTime() ?? 0) - (b.settledAt?.getTime() ?? 0)).at(-1);
  return latest?.output ?? undefined;
}

function verdictOf(verdict: unknown): VerdictReport | null {
  const decision = fieldOf(verdict, 'decision');
  return typeof decision === 'string' ? { decision, reasons: listOf(fieldOf(verdict, 'reasons')) } : null;
}

function numberIn(holder: unknown, field: string): number | null {
  const value = fieldOf(holder, field);
  return typeof value === 'number' ? value : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** A field of something read from JSON. */
export function fieldOf(holder: unknown, field: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, field)
    ? (holder as Record<string, unknown>)[field]
    : undefined;
}
