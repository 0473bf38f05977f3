import { hash52 } from './hash';
import { compareFinishers, mayWin, type Contender } from './select-winner';
import type { Trial } from './trial';

/**
 * How the combinations of a grid are searched: `grid` trains all of them to the end; `random` a few of them, drawn by
 * the run's seed; `asha` starts all of them and halves them again and again (successive halving).
 */
export const SEARCHES = ['grid', 'asha', 'random'] as const;
export type Search = (typeof SEARCHES)[number];

/** Of the trials that reach a rung, one in so many goes on to the next. */
export const REDUCTION_FACTOR = 3;

/** The first rung: epochs that every trial gets. Less tells more of the learning rate than of the network. */
export const FIRST_RUNG_EPOCHS = 2;

/**
 * Epochs after which trials are compared, the last being the end of training: 2, 6, 18, 50 for 50 epochs. Each rung is
 * `REDUCTION_FACTOR` times the one before, so that each costs about as much as the first (Jamieson and Talwalkar 2016).
 *
 * @param epochs most epochs of a trial, at least 1
 */
export function rungsOf(epochs: number): number[] {
  const rungs: number[] = [];
  for (let rung = FIRST_RUNG_EPOCHS; rung < epochs; rung *= REDUCTION_FACTOR) rungs.push(rung);
  return [...rungs, epochs];
}

/** How many of so many trials at a rung go on: a third, rounded up, so that one always does. */
export function promotedCount(trials: number): number {
  return Math.ceil(trials / REDUCTION_FACTOR);
}

/**
 * Who goes on to the next rung: the best third, in the order in which a run's winner is chosen (rules R5), with the
 * figures reached so far. Trials that stopped early by themselves keep their rank and take their place; trials that
 * diverged, failed or crashed are out. The order of the contenders does not matter.
 */
export function promoted<T extends Contender>(contenders: readonly T[]): T[] {
  const ranked = contenders.filter(mayWin).sort(compareFinishers);
  return ranked.slice(0, promotedCount(contenders.length));
}

/** Most epochs that halving so many trials trains; early stopping makes it an upper bound. */
export function epochsOfHalving(trials: number, epochs: number): number {
  let [total, left, before] = [0, trials, 0];
  for (const rung of rungsOf(epochs)) {
    total += left * (rung - before);
    left = promotedCount(left);
    before = rung;
  }
  return total;
}

/** What a policy says of the search. */
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
 * Trials of a grid that a random search trains: those whose hash of the seed is lowest. The same seed draws the same ones,
 * and asking for more keeps those drawn before. They keep their numbers in the grid.
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
