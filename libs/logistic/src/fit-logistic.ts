import { minimise, type Minimum, type Start } from './newton';
import { placesOf, type TrainingRows } from './training-rows';

export interface LogisticOptions {
  /** Weight of a row's log-loss beside the penalty, as in scikit-learn. Default 1. */
  readonly c?: number;
}

export interface LogisticFit {
  readonly state: 'fitted';
  /** [width], in the order of the transform's outputs. */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** Steps on all rows. */
  readonly iterations: number;
}

/**
 * Why there is no fit: goals or others are missing, so that the intercept would be infinite; more columns than
 * `MOST_COLUMNS`; no minimum was found, as when a value is not finite.
 */
export const NO_FIT = ['one-class', 'too-wide', 'not-converged'] as const;
export type NoFit = (typeof NO_FIT)[number];

export interface NoLogisticFit {
  readonly state: NoFit;
  readonly iterations: number;
}

/** Columns that can be fitted: their curvatures take 8 MiB, and their passes grow with their square. */
export const MOST_COLUMNS = 1000;

/** Error of a weight, at most, before the last step. */
const TOLERANCE = 1e-6;

/** Rows of the first sample, and of the largest before all rows: this many, or that many for each parameter. */
const FIRST_SAMPLE = { rows: 1024, perParameter: 4 };
const LARGEST_SAMPLE = { rows: 8192, perParameter: 32 };
/** Each sample has this many times the rows of the one before. */
const GROWTH = 4;

/**
 * L2-penalised logistic regression: minimises c x sum of log-losses + |weights|^2 / 2 over all rows, unweighted; the
 * intercept is not penalised. The minimum is unique, also where classes are separated, columns are constant or repeat
 * others. Weights are those of scikit-learn's `LogisticRegression(C=c)` within 1e-6; the same rows in the same blocks
 * give the same bits.
 *
 * Newton's method (`minimise`), first on a sample of the rows, then on larger ones, each starting where the one before
 * ended; on all rows, few steps are left. Memory: a block, and 8 x columns^2 bytes.
 *
 * Sources: Hastie, Tibshirani and Friedman 2009, "The Elements of Statistical Learning", 4.4.1 (Newton's method) and
 * 4.4.4 (penalty); scikit-learn's user guide, "Logistic regression", for the objective.
 */
export function fitLogistic(
  source: TrainingRows,
  { c = 1 }: LogisticOptions = {},
): LogisticFit | NoLogisticFit {
  const { rows, goals, layout } = source;
  if (goals === 0 || goals === rows) return { state: 'one-class', iterations: 0 };
  if (layout.width > MOST_COLUMNS) return { state: 'too-wide', iterations: 0 };
  const first = new Float64Array(1 + layout.width);
  first[0] = Math.log(goals / (rows - goals));
  let start: Start = { parameters: first };
  for (const step of samplesOf(rows, first.length)) {
    // Less than what a sample does not know of all rows, for one parameter alone.
    const found = minimise({ source, c, step }, start, Math.sqrt(step));
    start = found.converged ? found : { parameters: first };
  }
  return fitOf(source, minimise({ source, c, step: 1 }, start, TOLERANCE));
}

/** Steps between the rows of the samples, the smallest sample first. */
function samplesOf(rows: number, parameters: number): number[] {
  const rowsOf = (size: typeof FIRST_SAMPLE) => Math.max(size.rows, size.perParameter * parameters);
  const steps: number[] = [];
  const largest = Math.floor(rows / rowsOf(LARGEST_SAMPLE));
  for (let step = largest; step >= GROWTH && rows / step >= rowsOf(FIRST_SAMPLE); step *= GROWTH)
    steps.unshift(step);
  return steps;
}

function fitOf(
  { layout }: TrainingRows,
  { parameters, converged, iterations }: Minimum,
): LogisticFit | NoLogisticFit {
  if (!converged) return { state: 'not-converged', iterations };
  const weights = new Float64Array(layout.width);
  const places = placesOf(layout);
  layout.denseColumns.forEach((output, at) => (weights[output] = parameters[places.dense + at] ?? NaN));
  layout.codedColumns.forEach((output, at) => (weights[output] = parameters[places.codes + at] ?? NaN));
  return { state: 'fitted', weights, intercept: parameters[0] ?? NaN, iterations };
}
