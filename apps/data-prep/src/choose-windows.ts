import {
  findDates,
  thresholdsOf,
  windowReason,
  windowsToCompare,
  type ComparedWindows,
  type FoundDates,
  type Policy,
  type TrainingWindow,
  type WindowReason,
} from '@factory/domain';

/** Why a run trains one window although several were to be compared. */
export type NotCompared = 'no-times' | 'no-out-of-time' | 'detrended' | 'one-window';

/** The training window of a run; if others are compared with it, the longest. */
export interface ChosenWindows extends Pick<FoundDates, 'candidates' | 'passed'> {
  readonly window: TrainingWindow;
  /** Absent: the window is the longest of those that are compared. */
  readonly windowReason?: WindowReason;
  /** Absent: nothing is compared. */
  readonly compared?: ComparedWindows;
  /** Absent: they are compared, or nobody asked. */
  readonly notCompared?: NotCompared;
}

interface WindowRequest {
  readonly minStart: Date;
  readonly trainEnd: Date;
  /** As for `findDates`. */
  readonly salesByDayBack: readonly number[];
  readonly policy: Policy;
  readonly noTime: boolean;
  /** Most windows to compare; undefined: the sales volume chooses. */
  readonly compare: number | undefined;
}

/** Chooses the training window, or those to be compared (rules R1). */
export function chooseWindows(request: WindowRequest): ChosenWindows {
  const { minStart, trainEnd, salesByDayBack, policy, noTime, compare } = request;
  const thresholds = noTime ? [] : thresholdsOf(policy);
  const found = findDates(minStart, trainEnd, salesByDayBack, thresholds);
  const { candidates, passed } = found;
  const byVolume = {
    window: found.window,
    candidates,
    passed,
    windowReason: windowReason(thresholds, found),
  };
  if (compare === undefined) return byVolume;
  const compared = windowsToCompare(found, compare, policy.minSales);
  const notCompared = obstacle(request, compared);
  if (notCompared || !compared) return { ...byVolume, notCompared: notCompared ?? 'one-window' };
  return { window: { ...compared.longest, end: trainEnd }, candidates, passed: null, compared };
}

/**
 * Windows are compared on out-of-time rows. A de-trended draw has a fraction for each day: the shift of the whole draw
 * would not be that of a part of its days.
 */
function obstacle({ policy, noTime }: WindowRequest, compared: ComparedWindows | undefined) {
  if (noTime) return 'no-times';
  if (policy.outOfTimeDays === 0) return 'no-out-of-time';
  if (policy.detrend) return 'detrended';
  return compared ? undefined : 'one-window';
}
