import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import type { ModelKey, Policy, Trial } from '@factory/domain';
import type { CheckLimits, Overrule, VerdictRules } from '@factory/judgement';
import type { FeatureMoment, OutOfTimeHalf, ReportedFinding, WindowComparison } from '@factory/model';
import type { Transform } from '@factory/normalisation';

/** A published version, loaded and tested. */
export interface LoadedVersion {
  readonly version: string;
  readonly manifestSha256: string;
  readonly window: Pick<WindowMessage, 'start' | 'trainEnd' | 'end' | 'noTime'>;
  /** Out-of-time rows that it was chosen by or repaired on; undefined: none. */
  readonly decidedOn?: OutOfTimeHalf | undefined;
  readonly family: string;
  /** `Predictor.encode`, with the prior shift: as bytes it can be sent to a thread. */
  readonly model: Uint8Array;
  readonly transform: Transform;
  readonly featureMoment?: FeatureMoment | undefined;
}

/** The version in force. */
export interface LoadedChampion extends LoadedVersion {
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The last version before it that was promoted with proof; null: itself, or that one cannot be read. */
  readonly anchor: LoadedVersion | null;
}

/** Settings of the product that a judgement follows. */
export type JudgingPolicy = Pick<Policy, 'minOutOfTimeGoals' | 'repair' | 'repairGoals'>;

/** The input of a judgement except the dataset's bytes; small files as verified bytes. */
export interface JudgementInput extends ModelKey, JudgingPolicy {
  readonly run: string;
  /** What the candidate was trained on. */
  readonly window: WindowMessage;
  /**
   * How that window was chosen among several, by half a of the out-of-time rows, which then do not judge; undefined: there
   * was one.
   */
  readonly windows?: WindowComparison | undefined;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  /** The candidate's, with its settings. */
  readonly trial: Trial;
  readonly rules: VerdictRules;
  readonly checks: CheckLimits;
  /** Checks that a person has decided not to stop this run. */
  readonly overrules: readonly Overrule[];
  readonly dataset: ArtefactRef;
  readonly transform: Uint8Array;
  readonly weights: Uint8Array;
  /** Logistic regression on the same transform, without the prior shift; null if the run has none. */
  readonly logistic: { readonly family: string; readonly model: Uint8Array } | null;
  readonly champion: LoadedChampion | null;
  /** Somebody holds the version in force. */
  readonly held: boolean;
  /** When the features were known; undefined for a sample of a version that did not say. */
  readonly featureMoment?: FeatureMoment | undefined;
  /** Warnings of the checks of the data. */
  readonly dataChecks: readonly ReportedFinding[];
  readonly warnings: readonly string[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** Where the result goes, and the clock that times the scoring of a row. */
export interface JudgementPorts {
  /** Receives scores.arrow in chunks, each valid until the next. */
  readonly writeScores: (chunk: Uint8Array) => void;
  /** Milliseconds with fractions. */
  readonly clock: () => number;
}
