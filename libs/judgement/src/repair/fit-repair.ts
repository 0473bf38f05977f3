import {
  calibrationIntervals,
  estimateCalibrationIntercept,
  type BootstrapInterval,
  type CalibrationIntervals,
  type NoSlope,
  type ScoredRows,
} from '@factory/metrics';
import type { LogitLine } from '@factory/model';

/** Calibration is off if the 95 % interval of the ratio or of the slope is wholly outside its range. */
export const REPAIR_RATIO = { from: 0.95, to: 1.05 } as const;
export const REPAIR_SLOPE = { from: 0.9, to: 1.1 } as const;

/** What was seen on the rows that a repair is decided and fitted on. */
export type LookedAt = Readonly<{
  rows: number;
  goals: number;
  /** Mean predicted over observed. */
  ratio: BootstrapInterval;
  slope: BootstrapInterval | NoSlope;
}>;

/** `repaired`, or why the probabilities stay as they are. */
export type RepairReason = 'repaired' | 'calibrated' | 'no-line' | 'not-converged' | 'slope-not-positive';

export interface RepairDecision {
  readonly looked: LookedAt;
  /** Onto which the candidate's logits are to be put; null: they stay. */
  readonly fitted: LogitLine | null;
  readonly reason: RepairReason;
}

/**
 * Decides whether probabilities are off on these rows, and fits the line that repairs them (rules R6): only its bias if
 * the slope is not off, else both, by weighted logistic recalibration.
 * Source: Cox 1958, "Two Further Applications of a Model for Binary Regression".
 *
 * @param rows weighted 1/f, with natural scores, all finite; they must not judge afterwards
 */
export function fitRepair(rows: ScoredRows): RepairDecision {
  const found = calibrationIntervals(rows);
  const looked = {
    rows: rows.labels.length,
    goals: rows.labels.reduce((sum, label) => sum + label, 0),
    ratio: found.ratio,
    slope: found.slope,
  };
  return { looked, ...lineOf(rows, found) };
}

type Fitted = Pick<RepairDecision, 'fitted' | 'reason'>;

function lineOf(
  { scores, labels, weights }: ScoredRows,
  { ratio, slope, line }: CalibrationIntervals,
): Fitted {
  if (typeof line === 'string' || typeof slope === 'string') return stays('no-line');
  const isSlopeOff = isOutside(slope, REPAIR_SLOPE);
  if (!isSlopeOff && !isOutside(ratio, REPAIR_RATIO)) return stays('calibrated');
  if (!line.converged) return stays('not-converged');
  if (isSlopeOff)
    return line.slope > 0
      ? { fitted: { slope: line.slope, bias: line.intercept }, reason: 'repaired' }
      : stays('slope-not-positive');
  const bias = estimateCalibrationIntercept(scores, labels, weights);
  return typeof bias === 'number' ? { fitted: { slope: 1, bias }, reason: 'repaired' } : stays('no-line');
}

function stays(reason: Exclude<RepairReason, 'repaired'>): Fitted {
  return { fitted: null, reason };
}

function isOutside(
  { lower95, upper95 }: BootstrapInterval,
  { from, to }: { from: number; to: number },
): boolean {
  return lower95 > to || upper95 < from;
}
