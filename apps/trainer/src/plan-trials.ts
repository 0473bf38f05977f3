import { mostSteps, type Trial, type TrialSettings } from '@factory/domain';
import { operationsPerRow } from './trial-cost';

export const GROUP_SECONDS = 120;

export interface PlanOptions {
  /** Rows a trial is fitted on. */
  readonly trainRows: number;
  /** Training speed for such a trial, in train rows per second. */
  readonly rowsPerSecond: (trial: TrialSettings) => number;
  /** Most estimated work in a group, in seconds of one worker. Default 120. */
  readonly groupSeconds?: number;
}

/**
 * Splits a grid into groups of at most two minutes of work, so that a lost pod loses little and trainers share the work
 * evenly (architecture, Messages). The estimate assumes that every epoch is run; with early stopping it is an upper
 * bound. A trial that exceeds the limit alone is a separate group.
 *
 * First-fit decreasing: longest trials first, each into the first group that has room. The same grid gives the same
 * groups.
 *
 * @returns groups, longest trial first, in each the longest first; none is empty; every trial is in one
 */
export function planTrials(grid: readonly Trial[], options: PlanOptions): Trial[][] {
  const limit = options.groupSeconds ?? GROUP_SECONDS;
  const groups: { seconds: number; trials: Trial[] }[] = [];
  for (const { trial, seconds } of longestFirst(grid, options)) {
    const group = groups.find((one) => one.seconds + seconds <= limit);
    if (group) {
      group.seconds += seconds;
      group.trials.push(trial);
    } else {
      groups.push({ seconds, trials: [trial] });
    }
  }
  return groups.map((group) => group.trials);
}

/** Trials and their estimated seconds, the longest first, ties by number. */
export function longestFirst(
  grid: readonly Trial[],
  options: PlanOptions,
): { readonly trial: Trial; readonly seconds: number }[] {
  return grid
    .map((trial) => ({ trial, seconds: estimateSeconds(trial, options) }))
    .sort((a, b) => b.seconds - a.seconds || a.trial.trial - b.trial.trial);
}

/** Estimated seconds of one worker for a trial. @param steps of its training to count; by default all */
export function estimateSeconds(
  trial: TrialSettings,
  options: PlanOptions,
  steps = mostSteps(trial),
): number {
  return (options.trainRows * steps) / options.rowsPerSecond(trial);
}

/**
 * Floating-point operations per second that planning assumes: the speed of the training kernel's WASM build on one
 * busy core, 250,000 rows per second of 50 columns through 64 and 32 units. Deliberately low: native builds are
 * several times faster, and the pod that plans does not know which pod will train. Only tfjs is slower; its groups
 * take longer.
 */
const OPERATIONS_PER_SECOND = 8e9;

/** For tiny models, a row costs more than its multiplications. */
const MOST_ROWS_PER_SECOND = 300_000;

/**
 * Estimates an engine's speed for planning, before any trial was timed, from the work per row.
 *
 * @param width columns of the matrix
 */
export function roughRowsPerSecond(width: number): (trial: TrialSettings) => number {
  return (trial) => Math.min(MOST_ROWS_PER_SECOND, OPERATIONS_PER_SECOND / operationsPerRow(trial, width));
}
