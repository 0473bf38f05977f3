import type { Profile } from '@factory/model';
import { countBins } from '../profile/bin-counts';
import { binningsOf, profileDataset } from '../profile/profile-dataset';
import type { Passes } from '../profile/profile-batch';
import { checkColumns, checkSchema, type RecentRows } from './check-columns';
import { checkDays, type DayCount } from './check-days';
import { checkEventTimes, checkLeaks, type EventTimes } from './check-leaks';
import type { CheckLimits } from './check-rules';
import { findingsOf, type Checked, type CheckFinding } from './finding';

export interface DataToCheck {
  /** Counts of the range by day, ascending and without a gap. */
  readonly days: readonly DayCount[];
  /** Midnight UTC of the first new day: the champion's end, or the start of the last days where there is none. */
  readonly newFrom: number;
  /** Of the drawn dataset; absent: nothing is drawn yet. */
  readonly dataset?: Pick<Profile, 'columns' | 'goals' | 'rows'>;
  readonly eventTimes?: readonly EventTimes[];
  /** The champion's profile with the dataset's rows after its end; absent: no champion, or no such rows. */
  readonly comparison?: { readonly champion: Profile; readonly recent?: RecentRows };
}

/** Data Checker 1: all checks of a run's data as one family. */
export function checkData(
  data: DataToCheck,
  limits: CheckLimits,
): { findings: CheckFinding[]; checked: Checked[] } {
  const { days, newFrom, dataset, eventTimes = [], comparison } = data;
  const checked = [
    ...checkDays(days, newFrom, limits),
    ...(dataset ? checkLeaks(dataset, limits) : []),
    ...checkEventTimes(eventTimes, limits),
    ...(comparison && dataset ? checkSchema(comparison.champion, dataset) : []),
    ...(comparison?.recent ? checkColumns(comparison.champion, comparison.recent, limits) : []),
  ];
  return { findings: findingsOf(checked, limits), checked };
}

/**
 * The rows of a dataset after the champion's end, to be compared with its profile.
 *
 * @returns undefined where there is none
 */
export function recentRowsOf(champion: Profile, passes: Passes): RecentRows | undefined {
  const from = Date.parse(champion.end);
  const counts = countBins(passes, binningsOf(champion), { from });
  if (counts.rows === 0) return undefined;
  return { counts, profile: profileDataset(passes, { from }) };
}
