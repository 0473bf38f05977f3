import {
  judge,
  stopReason,
  stopsOf,
  type CheckFinding,
  type Judgement,
  type VerdictInputs,
  type VerdictRules,
} from '@factory/judgement';
import type { Verdict } from '@factory/model';
import type { JudgingFigures, OtherFigures } from './compare-models';

/** A published version, by name and hash. */
export type VersionRef = Readonly<Record<'version' | 'manifestSha256', string>>;

/** What a verdict rests on, besides the figures. */
export interface VerdictFacts {
  readonly candidate: {
    readonly family: string;
    readonly parameters: number;
    readonly bytes: number;
    /** Absent: it was not timed. */
    readonly latencyMicros?: number | undefined;
  };
  readonly judging: VerdictInputs['judging'];
  /** Null: a score of the candidate is not finite. */
  readonly figures: JudgingFigures | null;
  /** Null: none is in force that can be compared with. */
  readonly champion: (VersionRef & { readonly ageDays: number }) | null;
  /** The last version before the champion that was promoted with proof; null: the champion itself. */
  readonly anchor: VersionRef | null;
  readonly held: boolean;
  readonly scoreChecks: readonly CheckFinding[];
  readonly rules: VerdictRules;
}

/** Promote, keep or reject (rules R8), with everything that a person may want to know of it. */
export function reachVerdict(facts: VerdictFacts): Verdict {
  const judgement = stopped(judge(inputsOf(facts), facts.rules), facts.scoreChecks);
  return {
    decision: judgement.verdict,
    decisive: judgement.reason,
    words: judgement.words,
    warnings: [...judgement.warnings],
    alerts: [...judgement.alerts],
    anchor: nextAnchor(judgement, facts),
    reasons: judgement.rules.map(({ outcome, ...rule }) => ({ ...rule, result: outcome })),
  };
}

function inputsOf({ candidate, judging, figures, champion, held }: VerdictFacts): VerdictInputs {
  const { latencyMicros, ...model } = candidate;
  const others = figures?.others ?? {};
  const { logistic } = others;
  return {
    candidate: {
      ...model,
      ...(latencyMicros === undefined ? {} : { latencyMs: latencyMicros / 1000 }),
      figures: figures && {
        rocAuc: figures.metrics.rocAuc,
        calibrationRatio: figures.metrics.intervals.calibrationRatio,
        calibrationSlope: figures.metrics.calibrationSlope,
        overBaseRate: figures.baseRate.difference,
      },
    },
    judging,
    ...(logistic ? { logistic: { rocAuc: logistic.metrics.rocAuc, difference: logistic.difference } } : {}),
    ...(champion && others.champion
      ? {
          champion: {
            logLoss: others.champion.metrics.logLoss,
            calibrationRatio: others.champion.metrics.calibrationRatio,
            ageDays: champion.ageDays,
            difference: others.champion.difference,
            ...(others.anchor ? { anchor: anchorFigures(others.anchor) } : {}),
            ...(figures?.profit ? { profit: figures.profit } : {}),
          },
        }
      : {}),
    held,
  };
}

function anchorFigures({ metrics, difference }: OtherFigures) {
  return { logLoss: metrics.logLoss, difference };
}

/** Scores that cannot be released end a run, whatever it would have been otherwise. */
function stopped(judgement: Judgement, checks: readonly CheckFinding[]): Judgement {
  const stops = stopsOf(checks);
  const reason = stopReason(stops);
  if (reason === undefined || judgement.verdict === 'reject') return judgement;
  return {
    verdict: 'reject',
    reason,
    words: `Rejected for its scores: ${stops.map(({ words }) => words).join(' ')}`,
    rules: [
      ...judgement.rules,
      ...stops.map(({ code, figure, limit, words }) => ({
        rule: code,
        outcome: 'failed' as const,
        ...{ figure, limit, words },
      })),
    ],
    proven: false,
    warnings: judgement.warnings,
    alerts: [],
  };
}

/** What a challenger of this candidate, once published, is compared with beside it; null: the candidate itself. */
function nextAnchor({ proven }: Judgement, { champion, anchor }: VerdictFacts): VersionRef | null {
  if (!champion || proven) return null;
  const { version, manifestSha256 } = anchor ?? champion;
  return { version, manifestSha256 };
}
