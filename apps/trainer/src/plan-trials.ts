import type { Combination, NumberedCombination } from '@factory/domain';

export const GROUP_SECONDS = 120;

export interface PlanOptions {
  /** Rows a trial is fitted on. */
  readonly trainRows: number;
  /** How fast the engine trains such a combination, in train rows a second. */
  readonly rowsPerSecond: (combination: Combination) => number;
  /** Most estimated work in a group, in seconds of one worker. Default two minutes. */
  readonly groupSeconds?: number;
}

/**
 * Cuts a grid into groups of at most two minutes of work, so that a lost pod loses little and trainers share evenly
 * (DESIGN 2). The estimate assumes every epoch is run; early stopping makes it an upper bound. A trial that is longer
 * than a group alone is a group of its own.
 *
 * First-fit decreasing: longest trials first, each into the first group that has room. The same grid gives the same
 * groups.
 *
 * @returns groups, longest trial first, in each the longest first; none is empty; every trial is in one
 */
export function planTrials(
  combinations: readonly NumberedCombination[],
  options: PlanOptions,
): NumberedCombination[][] {
  const limit = options.groupSeconds ?? GROUP_SECONDS;
  const groups: { seconds: number; trials: NumberedCombination[] }[] = [];
  const longestFirst = combinations
    .map((combination) => ({ combination, seconds: estimateSeconds(combination, options) }))
    .sort((a, b) => b.seconds - a.seconds || a.combination.trial - b.combination.trial);
  for (const { combination, seconds } of longestFirst) {
    const group = groups.find((one) => one.seconds + seconds <= limit);
    if (group) {
      group.seconds += seconds;
      group.trials.push(combination);
    } else {
      groups.push({ seconds, trials: [combination] });
    }
  }
  return groups.map((group) => group.trials);
}

/** Seconds of one worker for all epochs of a trial. */
export function estimateSeconds(combination: Combination, options: PlanOptions): number {
  return (options.trainRows * combination.epochs) / options.rowsPerSecond(combination);
}

/** Train rows a second that tfjs on wasm reaches on one core with 50 columns, by batch size; deliberately low. */
const MEASURED = [
  { batchSize: 32, rowsPerSecond: 20_000 },
  { batchSize: 256, rowsPerSecond: 60_000 },
] as const;

/**
 * A first guess of an engine's speed for planning, before any trial was timed: small batches pay for their calls,
 * larger networks for their products.
 *
 * @param width columns of the matrix
 */
export function roughRowsPerSecond(width: number): (combination: Combination) => number {
  return ({ node1, node2, batchSize }) => {
    const [small, large] = MEASURED;
    const base = batchSize < large.batchSize ? small.rowsPerSecond : large.rowsPerSecond;
    const products = width * node1 + node1 * node2 + node2;
    const usual = 50 * 64 + 64 * 32 + 32;
    return base / Math.max(1, products / usual);
  };
}
