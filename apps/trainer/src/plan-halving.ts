import { epochsOfHalving, mostSteps, type Trial, type TrialSettings } from '@factory/domain';
import { GROUP_SECONDS, longestFirst, type PlanOptions } from './plan-trials';
import { pausedBytes } from './trial-cost';

/** Groups are not made smaller than this to save time: it gives three rungs of selection. */
const FEWEST_TO_HALVE = 9;

/** Most memory for the paused trials of a group in the pod that trains it, in bytes. */
const MOST_PAUSED_BYTES = 128 * 1024 ** 2;

export interface HalvingPlanOptions extends PlanOptions {
  /** Columns of the matrix. */
  readonly width: number;
}

/**
 * Splits a grid into groups. Each group is halved separately, in one pod, which keeps the paused trials in its
 * memory. The number of groups is the smallest that respects two limits: two minutes of one worker's work after
 * halving, and 128 MiB of paused trials. Trials are distributed longest first, so that groups are similar: in a group
 * of only the largest networks, the worst would never be compared with better, smaller ones. The same grid gives the
 * same groups.
 *
 * @returns groups, in each the longest first; none is empty; every trial is in one
 */
export function planHalving(grid: readonly Trial[], options: HalvingPlanOptions): Trial[][] {
  if (grid.length === 0) return [];
  const trials = longestFirst(grid, options);
  const epochs = Math.max(...grid.map(mostSteps));
  const share = epochsOfHalving(trials.length, epochs) / (trials.length * epochs);
  const seconds = share * trials.reduce((sum, one) => sum + one.seconds, 0);
  const byTime = Math.ceil(seconds / (options.groupSeconds ?? GROUP_SECONDS));
  let count = Math.max(1, Math.min(byTime, Math.floor(trials.length / FEWEST_TO_HALVE)));
  for (;;) {
    const groups = deal(
      trials.map((one) => one.trial),
      count,
    );
    const fit = groups.every((group) => bytesOf(group, options.width) <= MOST_PAUSED_BYTES);
    if (fit || count >= trials.length) return groups;
    count++;
  }
}

/** Upper bound for the bytes of a group's paused trials. */
function bytesOf(group: readonly TrialSettings[], width: number): number {
  return group.reduce((sum, trial) => sum + pausedBytes(trial, width), 0);
}

function deal<T>(cards: readonly T[], hands: number): T[][] {
  return Array.from({ length: hands }, (_unused, hand) =>
    cards.filter((_card, index) => index % hands === hand),
  );
}
