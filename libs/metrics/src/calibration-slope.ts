import { hasBothClasses, logits } from './logits';

/** Why a slope cannot be told: goals or others are missing, all scores are equal, or one cut has all goals on one side. */
export const NO_SLOPE = ['one-class', 'one-score', 'separated'] as const;
export type NoSlope = (typeof NO_SLOPE)[number];

/**
 * Slope b of logit P(goal) = a + b logit(p), by maximum likelihood: below 1 = scores too extreme, above 1 = too timid.
 * Whether there is one is decided from the order of the scores: the likelihood has a maximum exactly if goals and
 * others overlap (Albert and Anderson 1984). Only rows with weight count.
 * Sources: Cox 1958, "Two Further Applications of a Model for Binary Regression"; Albert and Anderson 1984, "On the
 * Existence of Maximum Likelihood Estimates in Logistic Regression Models".
 *
 * @param probabilities [rows]
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] at least 0
 */
export function estimateCalibrationSlope(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number | NoSlope {
  const line = fitCalibrationLine(probabilities, labels, weights);
  return typeof line === 'string' ? line : line.slope;
}

/** The line of `estimateCalibrationSlope`. */
export interface CalibrationLine {
  readonly slope: number;
  readonly intercept: number;
  /** The last step of Newton's method changed nothing any more. */
  readonly converged: boolean;
}

/** As `estimateCalibrationSlope`, with the intercept a beside the slope b. */
export function fitCalibrationLine(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): CalibrationLine | NoSlope {
  if (!hasBothClasses(labels, weights)) return 'one-class';
  const x = logits(probabilities);
  const range = rangesOf(x, labels, weights);
  if (range.lowest === range.highest) return 'one-score';
  if (range.lowestGoal >= range.highestOther || range.highestGoal <= range.lowestOther) return 'separated';
  return lineOf(x, labels, weights, range);
}

interface Ranges {
  readonly lowest: number;
  readonly highest: number;
  readonly lowestGoal: number;
  readonly highestGoal: number;
  readonly lowestOther: number;
  readonly highestOther: number;
}

function rangesOf(x: Float64Array, labels: Uint8Array, weights: Float64Array): Ranges {
  let [lowestGoal, highestGoal, lowestOther, highestOther] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let row = 0; row < x.length; row++) {
    if (!((weights[row] ?? 0) > 0)) continue;
    const value = x[row] ?? 0;
    if (labels[row] === 1) {
      if (value < lowestGoal) lowestGoal = value;
      if (value > highestGoal) highestGoal = value;
    } else {
      if (value < lowestOther) lowestOther = value;
      if (value > highestOther) highestOther = value;
    }
  }
  return {
    lowest: Math.min(lowestGoal, lowestOther),
    highest: Math.max(highestGoal, highestOther),
    lowestGoal,
    highestGoal,
    lowestOther,
    highestOther,
  };
}

const MAX_STEPS = 200;
const TOLERANCE = 1e-13;

/**
 * Furthest that a step may move any row's log-odds past the best point of its line: from further away than this, nothing
 * of the curvature may be left. On the near side of that point steps may double, as extreme scores have steep lines.
 */
const LONGEST_STEP = 8;

/** Newton's method on scores from their mean in their deviation. */
function lineOf(x: Float64Array, labels: Uint8Array, weights: Float64Array, range: Ranges): CalibrationLine {
  const { centre, spread } = scaleOf(x, weights, range);
  const standard = x.map((value) => (value - centre) / spread);
  const ends = [range.lowest, range.highest].map((value) => (value - centre) / spread);
  let at = lookAt(standard, labels, weights, 0, 0);
  let limit = LONGEST_STEP;
  let converged = false;
  for (let step = 0; step < MAX_STEPS && !converged; step++) {
    const { next, nextLimit } = newtonStep(standard, labels, weights, at, ends, limit);
    limit = nextLimit;
    const change = Math.abs(next.slope - at.slope) + Math.abs(next.intercept - at.intercept);
    at = next;
    converged = change <= TOLERANCE * (1 + Math.abs(next.slope) + Math.abs(next.intercept));
  }
  const slope = at.slope / spread;
  return { slope, intercept: at.intercept - slope * centre, converged };
}

/** Measured from the lowest score: differences of scores that nearly agree are exact, their mean is not. */
function scaleOf(x: Float64Array, weights: Float64Array, { lowest, highest }: Ranges) {
  let [total, sum, squares] = [0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const weight = weights[row] ?? 0;
    const above = ((x[row] ?? 0) - lowest) / (highest - lowest);
    if (!(weight > 0)) continue;
    total += weight;
    sum += weight * above;
    squares += weight * above * above;
  }
  const mean = sum / total;
  const deviation = Math.sqrt(Math.max(squares / total - mean * mean, 1e-12)) * (highest - lowest);
  return { centre: lowest + mean * (highest - lowest), spread: deviation };
}

/** Log-likelihood at a line, with what Newton's method needs there. */
interface Look {
  readonly intercept: number;
  readonly slope: number;
  readonly likelihood: number;
  readonly gradient0: number;
  readonly gradient1: number;
  readonly h00: number;
  readonly h01: number;
  readonly h11: number;
}

function lookAt(
  x: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  intercept: number,
  slope: number,
): Look {
  let [likelihood, gradient0, gradient1, h00, h01, h11] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const weight = weights[row] ?? 0;
    const value = x[row] ?? 0;
    const logit = intercept + slope * value;
    const small = Math.exp(-Math.abs(logit));
    const goal = labels[row] === 1;
    // Of a row that is nearly sure, what is left of 1 is the figure with digits.
    const unlikely = small / (1 + small);
    const surprised = goal === logit < 0;
    const error = (goal ? weight : -weight) * (surprised ? 1 / (1 + small) : unlikely);
    const curve = (weight * unlikely) / (1 + small);
    likelihood -= weight * (Math.log1p(small) + (surprised ? Math.abs(logit) : 0));
    gradient0 += error;
    gradient1 += error * value;
    h00 += curve;
    h01 += curve * value;
    h11 += curve * value * value;
  }
  return { intercept, slope, likelihood, gradient0, gradient1, h00, h01, h11 };
}

/** One step of Newton's method, halved until the likelihood does not fall. @param limit of the move of any row's log-odds */
function newtonStep(
  x: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  from: Look,
  ends: readonly number[],
  limit: number,
): { next: Look; nextLimit: number } {
  const { h00, h01, h11, gradient0, gradient1 } = from;
  const middle = h01 / h00;
  const difference = h11 - h01 * middle;
  // Where nearly all curvature is at one score, the difference has lost its digits.
  const spread = difference > 1e-6 * h11 ? difference : spreadAround(middle, x, weights, from);
  const step1 = (gradient1 - middle * gradient0) / spread;
  const step0 = gradient0 / h00 - middle * step1;
  const longest = Math.max(...ends.map((value) => Math.abs(step0 + step1 * value)));
  const first = Math.min(1, limit / longest);
  const least = from.likelihood - 1e-12 * Math.abs(from.likelihood);
  for (let size = first; size > 1e-9 * first; size /= 2) {
    const next = lookAt(x, labels, weights, from.intercept + size * step0, from.slope + size * step1);
    const slopeAhead = next.gradient0 * step0 + next.gradient1 * step1;
    const move = size * longest;
    if (next.likelihood >= least && (slopeAhead >= 0 || move <= LONGEST_STEP))
      return { next, nextLimit: slopeAhead > 0 && size < 1 ? 2 * move : LONGEST_STEP };
  }
  return { next: from, nextLimit: LONGEST_STEP };
}

function spreadAround(middle: number, x: Float64Array, weights: Float64Array, at: Look): number {
  let sum = 0;
  for (let row = 0; row < x.length; row++) {
    const value = x[row] ?? 0;
    const small = Math.exp(-Math.abs(at.intercept + at.slope * value));
    sum += (((weights[row] ?? 0) * small) / (1 + small) ** 2) * (value - middle) ** 2;
  }
  return sum;
}
