import type { Profile } from '@factory/model';
import type { Passes } from '../profile/profile-batch';
import { checkColumns, checkSchema } from './check-columns';
import { recentRowsOf } from './check-data';
import { checkLeaks } from './check-leaks';
import type { CheckLimits } from './check-rules';
import { findingsOf, limitsOfStage, type CheckFinding, type Checked } from './finding';

export interface DatasetToCheck {
  /** Of train and validation rows. */
  readonly profile: Pick<Profile, 'columns' | 'goals' | 'rows'>;
  /** All rows. */
  readonly passes: Passes;
  /** What the champion was trained on; absent: nothing to compare with. */
  readonly champion?: Profile | undefined;
  /** Columns that sources.yaml leaves out: they are not lost. */
  readonly leftOut?: readonly string[] | undefined;
}

/** The checks of a drawn dataset, as one family: leaks, and its columns against the champion's profile. */
export function checkDataset(
  { profile, passes, champion, leftOut = [] }: DatasetToCheck,
  limits: CheckLimits,
): { findings: CheckFinding[]; checked: Checked[] } {
  const recent = champion && recentRowsOf(champion, passes);
  const checked = [
    ...checkLeaks(profile, limits),
    ...(champion ? checkSchema(champion, profile, leftOut) : []),
    ...(champion && recent ? checkColumns(champion, recent, limits) : []),
  ];
  return { findings: findingsOf(checked, limitsOfStage(limits)), checked };
}
