import { parameterCount, type Combination, type NumberedCombination } from '@factory/domain';

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
 * (architecture, Messages). The estimate assumes every epoch is run; early stopping makes it an upper bound. A trial that
 * is longer than a group alone is a group of its own.
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
  for (const { combination, seconds } of longestFirst(combinations, options)) {
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

/** Combinations and about how long each takes, the longest first, equals by number. */
export function longestFirst(
  combinations: readonly NumberedCombination[],
  options: PlanOptions,
): { readonly combination: NumberedCombination; readonly seconds: number }[] {
  return combinations
    .map((combination) => ({ combination, seconds: estimateSeconds(combination, options) }))
    .sort((a, b) => b.seconds - a.seconds || a.combination.trial - b.combination.trial);
}

/** Seconds of one worker for all epochs of a trial. */
export function estimateSeconds(combination: Combination, options: PlanOptions): number {
  return (options.trainRows * combination.epochs) / options.rowsPerSecond(combination);
}

/**
 * Floating-point operations a second that planning counts on: what the training kernel's WASM build does on one busy
 * core, 250,000 rows a second of 50 columns through 64 and 32 units. Deliberately low: native builds are several times
 * faster, and the pod that plans does not know which one will train. Only tfjs is slower; its groups take longer.
 */
const OPERATIONS_PER_SECOND = 8e9;

/** A row costs more than its products once the network is tiny. */
const MOST_ROWS_PER_SECOND = 300_000;

/**
 * A guess of an engine's speed for planning, before any trial was timed, by the work that a row is: each weight takes
 * two operations forward, four backward, and about a dozen in the optimizer's step, once a batch.
 *
 * @param width columns of the matrix
 */
export function roughRowsPerSecond(width: number): (combination: Combination) => number {
  return (combination) => {
    const operations = parameterCount(width, combination) * (6 + 12 / combination.batchSize);
    return Math.min(MOST_ROWS_PER_SECOND, OPERATIONS_PER_SECOND / operations);
  };
}
