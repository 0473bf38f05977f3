import type { ModelKey } from '@factory/domain';
import type { AuditEntry, RunSummary, StageSummary, StoredTrial, WaitOf } from '@factory/ledger';
import { controlOverhead, type ControlOverhead } from './control-overhead';
import type { EvaluationReport } from './run-evaluation';
import type { RunFinding } from './run-findings';
import { searchReport, type SearchReport } from './search-report';
import { fieldOf, lastOutput } from './stage-output';

/** One unit of work, for display. */
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
  /** From queueing to the (last) claim. */
  readonly queueSeconds: number | null;
  /** Claimed, over all attempts. */
  readonly ownSeconds: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The decision on a run's candidate. */
export interface VerdictReport {
  readonly decision: string;
  /** What decided, in a word; null in what the first releases recorded. */
  readonly decisive: string | null;
  /** The same in a sentence; null where the evaluator did not say. */
  readonly words: string | null;
  /** Each rule with its figure, limit, result and, from report schema 2 on, its words. */
  readonly reasons: readonly unknown[];
  readonly warnings: readonly string[];
  readonly alerts: readonly string[];
}

/** The history of a run, as `factory runs show --json` prints it. */
export interface RunReport extends ModelKey {
  readonly run: string;
  readonly requestKey: string;
  readonly grid: string;
  readonly outcome: string | null;
  /** The unavailable source that it waits for; null if it waits for none. */
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
  /** What the checks of its data have found; see rules R16. */
  readonly findings: readonly RunFinding[];
  /** Of sampling; see rules R2. */
  readonly counts: unknown;
  readonly trials: readonly ReportedTrial[];
  /** Null if no trial is recorded yet. */
  readonly search: SearchReport | null;
  /** Number of the winning trial; null if there is none yet. */
  readonly winner: number | null;
  /** Null if the run is not evaluated, or its report cannot be read. */
  readonly evaluation: EvaluationReport | null;
  readonly verdict: VerdictReport | null;
  readonly published: Readonly<Record<string, unknown>> | null;
  readonly audit: readonly AuditEntry[];
}

/**
 * A trial; `combination`, its number and its settings whatever they are, is kept for scripts written for releases
 * that knew only networks.
 */
export type ReportedTrial = StoredTrial & { readonly combination: Readonly<Record<string, unknown>> };

/** The input of a report. */
export interface RunFacts {
  readonly summary: RunSummary;
  readonly stages: readonly StageSummary[];
  readonly trials: readonly StoredTrial[];
  readonly evaluation: EvaluationReport | null;
  readonly findings: readonly RunFinding[];
  readonly audit: readonly AuditEntry[];
  /** Absent: it does not wait for a source. */
  readonly waiting?: WaitOf | null;
}

/** Builds the report of a run. */
export function runReport(facts: RunFacts): RunReport {
  const { summary, stages, trials, evaluation, findings, audit, waiting } = facts;
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
    findings,
    counts: output('sampling')['counts'] ?? null,
    trials: trials.map((one) => ({ ...one, combination: { trial: one.trial, ...one.settings } })),
    search: searchReport(
      summary,
      trials.filter(({ trainFrom }) => trainFrom === null),
    ),
    winner: numberIn(judged['candidate'], 'trial'),
    evaluation,
    verdict: verdictOf(judged['verdict']),
    published: lastOutput(stages, 'publisher') ?? null,
    audit,
  };
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

function verdictOf(verdict: unknown): VerdictReport | null {
  const decision = textOf(fieldOf(verdict, 'decision'));
  if (decision === null) return null;
  const list = (field: string): readonly unknown[] => listOf(fieldOf(verdict, field));
  return {
    decision,
    decisive: textOf(fieldOf(verdict, 'decisive')),
    words: textOf(fieldOf(verdict, 'words')),
    reasons: list('reasons'),
    warnings: list('warnings').map(String),
    alerts: list('alerts').map(String),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberIn(holder: unknown, field: string): number | null {
  const value = fieldOf(holder, field);
  return typeof value === 'number' ? value : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function secondsBetween(from: Date | null, to: Date | null): number | null {
  return from && to ? (to.getTime() - from.getTime()) / 1000 : null;
}
