import type { Policy } from './policy-fields';
import type { WindowThreshold } from './policy-values';

const DAY_MS = 86_400_000;
const STEP_DAYS = 7;

/** A training window that was considered; all end at the same instant. */
export interface CandidateWindow {
  readonly start: Date;
  /** Length; a fraction when the range is not a whole number of days. */
  readonly days: number;
  /** Visits with the goal from `start` to the common end. */
  readonly sales: number;
}

/** The training window, half-open: `[start, end)`. */
export interface TrainingWindow {
  readonly start: Date;
  readonly end: Date;
  readonly days: number;
  readonly sales: number;
}

export interface FoundDates {
  readonly window: TrainingWindow;
  /** In order of days, the last one being the whole range. */
  readonly candidates: readonly CandidateWindow[];
  /** The threshold that was passed; null when none was and the whole range is taken. */
  readonly passed: WindowThreshold | null;
}

/**
 * Why a window was chosen: the sales volume of its days passed a threshold; none was passed, so it is the whole
 * range; or the whole range was requested.
 */
export const WINDOW_REASONS = ['volume', 'whole-range', 'all'] as const;
export type WindowReason = (typeof WINDOW_REASONS)[number];

/** The thresholds that a policy's window has to pass: none if it is the whole range. */
export function thresholdsOf(
  policy: Pick<Policy, 'window' | 'windowThresholds'>,
): readonly WindowThreshold[] {
  return policy.window === 'all' ? [] : policy.windowThresholds;
}

export function windowReason(thresholds: readonly WindowThreshold[], { passed }: FoundDates): WindowReason {
  if (thresholds.length === 0) return 'all';
  return passed ? 'volume' : 'whole-range';
}

/**
 * Chooses the training window (rules R1): candidates grow backwards from the end in steps of 7 days, and the
 * first that passes a threshold (`days > d and sales > s`, both strict) is taken, otherwise the whole range.
 *
 * @param minStart earliest start, before `end`
 * @param end exclusive
 * @param salesByDayBack visits with the goal at index k are in `[end - (k + 1) days, end - k days)`; absent = 0
 */
export function findDates(
  minStart: Date,
  end: Date,
  salesByDayBack: readonly number[],
  thresholds: readonly WindowThreshold[],
): FoundDates {
  const candidates = candidateWindows(minStart, end, salesByDayBack);
  for (const { start, days, sales } of candidates) {
    const passed = thresholds.find((one) => days > one.days && sales > one.sales);
    if (passed) return { window: { start, end, days, sales }, candidates, passed };
  }
  const whole = candidates[candidates.length - 1] ?? { start: minStart, days: 0, sales: 0 };
  return { window: { ...whole, end }, candidates, passed: null };
}

function candidateWindows(minStart: Date, end: Date, salesByDayBack: readonly number[]): CandidateWindow[] {
  const rangeDays = (end.getTime() - minStart.getTime()) / DAY_MS;
  const candidates: CandidateWindow[] = [];
  let sales = 0;
  let counted = 0;
  for (let days = 0; days < rangeDays;) {
    days = Math.min(days + STEP_DAYS, rangeDays);
    while (counted < days) sales += salesByDayBack[counted++] ?? 0;
    candidates.push({ start: new Date(end.getTime() - days * DAY_MS), days, sales });
  }
  return candidates;
}
