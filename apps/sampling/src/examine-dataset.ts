import { MARKS, type Mark } from '@factory/domain';
import {
  checkDataset,
  profileDataset,
  type CheckFinding,
  type CheckLimits,
  type Checked,
} from '@factory/judgement';
import type { Profile } from '@factory/model';
import type { DrawnDataset } from './drawn-dataset';
import { passesOfDrawn } from './drawn-passes';

/** The rows that a model is trained and chosen on. */
export const PROFILED_MARKS = ['train', 'validation'] as const satisfies readonly Mark[];

/** What to compare a drawn dataset with. */
export interface Examination {
  /** Exclusive end of the run's range, milliseconds. */
  readonly end: number;
  readonly limits: CheckLimits;
  /** Absent: nothing to compare with. */
  readonly champion?: Profile | undefined;
  /** Names of columns that sources.yaml leaves out. */
  readonly leftOut: readonly string[];
}

export interface Examined {
  /** Of the training window; undefined if no row is marked for training: the trainer refuses such a dataset. */
  readonly profile: Profile | undefined;
  readonly findings: readonly CheckFinding[];
  readonly checked: readonly Checked[];
}

/**
 * Profiles and checks a drawn dataset, in place. Beside it: some .2 MB a column, twice that while it is compared, and
 * 3 MB for the rows at hand.
 */
export function examineDataset(dataset: DrawnDataset, examination: Examination): Examined {
  const { end, limits, champion, leftOut } = examination;
  const passes = passesOfDrawn(dataset);
  const isProfiled = MARKS.map((mark) => PROFILED_MARKS.some((one) => one === mark));
  if (!dataset.marks.some((mark) => isProfiled[mark]))
    return { profile: undefined, findings: [], checked: [] };
  const profile = profileDataset(passes, { marks: PROFILED_MARKS, end });
  return { profile, ...checkDataset({ profile, passes, champion, leftOut }, limits) };
}
