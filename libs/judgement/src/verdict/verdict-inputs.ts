import type { BootstrapInterval, NoSlope } from '@factory/metrics';

/** Figures of the candidate on the judging rows (rules R6, R7). */
export interface CandidateFigures {
  readonly rocAuc: number;
  readonly calibrationRatio: BootstrapInterval;
  readonly calibrationSlope: number | NoSlope;
  /** Log-loss of the candidate minus that of always saying the base rate, paired. */
  readonly overBaseRate: BootstrapInterval;
}

/** A version that promotions without proof are held against: single steps that nobody can tell apart do not add up. */
export interface AnchorFigures {
  readonly logLoss: number;
  /** Log-loss of the candidate minus the anchor's, paired. */
  readonly difference: BootstrapInterval;
}

/** The version in force, on the same rows. */
export interface ChampionFigures {
  readonly logLoss: number;
  /** Mean predicted over observed. */
  readonly calibrationRatio: number;
  /**
   * Days by which its data end before the candidate's: below 0 = the candidate is the older. Where a source has no
   * times: days that the champion has been in force.
   */
  readonly ageDays: number;
  /** Log-loss of the candidate minus the champion's, paired. */
  readonly difference: BootstrapInterval;
  /**
   * The last version that was promoted with proof, or as the first, on the same rows. Absent: the champion itself, or
   * it cannot be used any more.
   */
  readonly anchor?: AnchorFigures;
  /** Profit of the candidate minus the champion's, a visit, paired; needed where the rules speak of profit. */
  readonly profit?: BootstrapInterval;
}

/** All that a verdict looks at. Log-losses are natural and weighted, in nats; intervals are drawn over visitors. */
export interface VerdictInputs {
  readonly candidate: {
    readonly family: string;
    /** Null: a score is not finite. */
    readonly figures: CandidateFigures | null;
    readonly parameters: number;
    /** Of its bundle. */
    readonly bytes: number;
    /** Of scoring one row. */
    readonly latencyMs?: number;
  };
  readonly judging: {
    /** Rows with the goal. */
    readonly goals: number;
    /** The rows judged the champion before. */
    readonly reused: boolean;
  };
  /** Logistic regression on the same rows. */
  readonly logistic?: {
    readonly rocAuc: number;
    /** Log-loss of the candidate minus that of logistic regression, paired. */
    readonly difference: BootstrapInterval;
  };
  /** Absent: none is in force, or none that can be used. */
  readonly champion?: ChampionFigures;
  /** Somebody holds the version in force: nothing replaces it. */
  readonly held?: boolean;
}

/** Path and value of the first number that is not finite. */
export function notFinite(value: unknown, path = ''): { field: string; value: number } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { field: path, value };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const found = notFinite(one, path === '' ? name : `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}
