import { hash52 } from './hash';
import { compareFinishers, mayWin, type Contender } from './select-winner';
import type { Trial } from './trial';

/**
 * How the combinations of a grid are searched: `grid` trains all of them to the end; `random` trains a subset,
 * drawn by the run's seed; `asha` starts all of them and keeps the best third at each rung (successive
 * halving).
 */
export const SEARCHES = ['grid', 'asha', 'random'] as const;
export type Search = (typeof SEARCHES)[number];

/** At each rung, one in this many trials goes on to the next. */
export const REDUCTION_FACTOR = 3;

/**
 * The first rung: epochs that every trial gets. With fewer, the loss reflects the learning rate more than the
 * network.
 */
export const FIRST_RUNG_EPOCHS = 2;

/**
 * Epochs after which trials are compared, the last being the end of training: 2, 6, 18, 50 for 50 epochs. Each
 * rung is `REDUCTION_FACTOR` times the one before, so that each rung costs about as much as the first (Jamieson
 * and Talwalkar 2016).
 *
 * @param epochs most epochs of a trial, at least 1
 */
export function rungsOf(epochs: number): number[] {
  const rungs: number[] = [];
  for (let rung = FIRST_RUNG_EPOCHS; rung < epochs; rung *= REDUCTION_FACTOR) rungs.push(rung);
  return [...rungs, epochs];
}

/** How many trials at a rung go on: a third, rounded up, so at least one. */
export function promotedCount(trials: number): number {
  return Math.ceil(trials / REDUCTION_FACTOR);
}

/**
 * The trials that go on to the next rung: the best third, in the order in which a run's winner is chosen (rules
 * R5), by the losses reached so far. Trials that stopped early by themselves keep their rank and count towards
 * the third; trials that diverged, failed or crashed are excluded. The order of the contenders does not matter.
 */
export function promoted<T extends Contender>(contenders: readonly T[]): T[] {
  const ranked = contenders.filter(mayWin).sort(compareFinishers);
  return ranked.slice(0, promotedCount(contenders.length));
}

/** Upper bound of the epochs that halving trains for this many trials; early stopping makes it fewer. */
export function epochsOfHalving(trials: number, epochs: number): number {
  let [total, left, before] = [0, trials, 0];
  for (const rung of rungsOf(epochs)) {
    total += left * (rung - before);
    left = promotedCount(left);
    before = rung;
  }
  return total;
}

/** The search settings of a policy. */
export interface SearchChoice {
  readonly search: Search;
  /** Combinations that `random` trains; 0 = a third of the grid's. */
  readonly searchTrials: number;
}

/** How many of a grid's combinations become trials. */
export function searchedTrials(gridTrials: number, { search, searchTrials }: SearchChoice): number {
  if (search !== 'random') return gridTrials;
  return Math.min(gridTrials, searchTrials === 0 ? Math.ceil(gridTrials / 3) : searchTrials);
}

/**
 * The trials of a grid that a random search trains: those with the lowest hashes by the seed. The same seed
 * draws the same trials, and asking for more keeps those drawn before. They keep their numbers in the grid.
 *
 * @param searchTrials see `SearchChoice`
 * @returns in the grid's order
 */
export function drawTrials(grid: readonly Trial[], searchTrials: number, seed: string): Trial[] {
  const wanted = searchedTrials(grid.length, { search: 'random', searchTrials });
  const drawOf = ({ trial }: Trial): number => hash52(`${seed}|search`, String(trial));
  return [...grid]
    .sort((a, b) => drawOf(a) - drawOf(b) || a.trial - b.trial)
    .slice(0, wanted)
    .sort((a, b) => a.trial - b.trial);
}
