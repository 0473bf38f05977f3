import { sigmoid } from '@factory/domain';
import { clipProbability, weightedMean } from './probability-metrics';
import { ratio } from './ranking';

/** Mean predicted over observed share of goals: 1 = right on average. 0 if there are no goals. */
export function calibrationRatio(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number {
  return ratio(weightedMean(probabilities, weights), weightedMean(labels, weights));
}

/**
 * Slope b of logit P(goal) = a + b logit(p): below 1 = scores too extreme, above 1 = too timid.
 * Maximum likelihood by Newton's method. 0 where it cannot be told: one class, one score, or scores that separate
 * the classes.
 * Source: Cox 1958, "Two Further Applications of a Model for Binary Regression".
 */
export function calibrationSlope(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number {
  if (!hasBothClasses(labels, weights)) return 0;
  const x = logits(probabilities);
  if (separates(x, labels, weights)) return 0;
  const centre = weightedMean(x, weights);
  const spread = Math.sqrt(
    weightedMean(
      x.map((value) => (value - centre) ** 2),
      weights,
    ),
  );
  if (!(spread > 1e-12 * Math.max(1, Math.abs(centre)))) return 0;
  const standard = x.map((value) => (value - centre) / spread);
  let parameters: Parameters = { intercept: 0, slope: 0 };
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = newtonStep(standard, labels, weights, parameters);
    if (!next) return 0;
    const change = Math.abs(next.slope - parameters.slope) + Math.abs(next.intercept - parameters.intercept);
    parameters = next;
    if (change <= TOLERANCE * (1 + Math.abs(next.slope) + Math.abs(next.intercept)))
      return next.slope / spread;
  }
  return 0;
}

/**
 * Intercept a of logit P(goal) = a + logit(p), the slope held at 1: below 0 = scores too high on average.
 * 0 where it cannot be told (one class).
 */
export function calibrationIntercept(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number {
  if (!hasBothClasses(labels, weights)) return 0;
  const x = logits(probabilities);
  const goals = weightedMean(labels, weights);
  // The mean of sigmoid(a + x) rises in a, so a bracket always closes on it, however far the scores are off. Newton's
  // step is taken wherever it stays inside: each look at all rows then doubles the digits, where halving adds a bit.
  let [low, high, at] = [-100, 100, 0];
  while (high - low > ROOT_TOLERANCE * Math.max(1, Math.abs(low))) {
    const { mean, slope } = meanSigmoid(x, weights, at);
    if (mean < goals) low = at;
    else high = at;
    const step = (goals - mean) / slope;
    if (Math.abs(step) <= ROOT_TOLERANCE * Math.max(1, Math.abs(at))) return at + step;
    const next = at + step;
    const middle = (low + high) / 2;
    at = next > low && next < high ? next : middle;
    if (at === low || at === high) break;
  }
  return (low + high) / 2;
}

const ROOT_TOLERANCE = 1e-13;

/** Weighted mean of sigmoid(shift + x), and how fast it rises with the shift. */
function meanSigmoid(x: Float64Array, weights: Float64Array, shift: number): { mean: number; slope: number } {
  let [sum, rise, total] = [0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const weight = weights[row] ?? 0;
    const p = sigmoid(shift + (x[row] ?? 0));
    sum += weight * p;
    rise += weight * p * (1 - p);
    total += weight;
  }
  return { mean: ratio(sum, total), slope: ratio(rise, total) };
}

/** Whether one cut has all goals on one side: then the likelihood rises forever and no slope fits best. */
function separates(x: Float64Array, labels: Uint8Array, weights: Float64Array): boolean {
  let [lowestGoal, highestGoal, lowestOther, highestOther] = [Infinity, -Infinity, Infinity, -Infinity];
  x.forEach((value, row) => {
    if (weights[row] === 0) return;
    if (labels[row] === 1) {
      lowestGoal = Math.min(lowestGoal, value);
      highestGoal = Math.max(highestGoal, value);
    } else {
      lowestOther = Math.min(lowestOther, value);
      highestOther = Math.max(highestOther, value);
    }
  });
  return lowestGoal >= highestOther || highestGoal <= lowestOther;
}

interface Parameters {
  readonly intercept: number;
  readonly slope: number;
}

const MAX_STEPS = 100;
const TOLERANCE = 1e-12;

/** One step of Newton's method, halved until the likelihood does not fall; undefined if there is none. */
function newtonStep(
  x: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  from: Parameters,
): Parameters | undefined {
  let [gradient0, gradient1, h00, h01, h11] = [0, 0, 0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const value = x[row] ?? 0;
    const weight = weights[row] ?? 0;
    const p = sigmoid(from.intercept + from.slope * value);
    const error = weight * ((labels[row] ?? 0) - p);
    const curve = weight * p * (1 - p);
    gradient0 += error;
    gradient1 += error * value;
    h00 += curve;
    h01 += curve * value;
    h11 += curve * value * value;
  }
  const determinant = h00 * h11 - h01 * h01;
  if (!(determinant > 1e-12 * h00 * h11)) return undefined;
  const step0 = (h11 * gradient0 - h01 * gradient1) / determinant;
  const step1 = (h00 * gradient1 - h01 * gradient0) / determinant;
  const before = logLikelihood(x, labels, weights, from);
  for (let size = 1; size > 1e-6; size /= 2) {
    const next = { intercept: from.intercept + size * step0, slope: from.slope + size * step1 };
    if (logLikelihood(x, labels, weights, next) >= before - 1e-12 * Math.abs(before)) return next;
  }
  return from;
}

function logLikelihood(x: Float64Array, labels: Uint8Array, weights: Float64Array, at: Parameters): number {
  let sum = 0;
  for (let row = 0; row < x.length; row++) {
    const logit = at.intercept + at.slope * (x[row] ?? 0);
    const signed = labels[row] === 1 ? logit : -logit;
    sum -= (weights[row] ?? 0) * (Math.max(0, -signed) + Math.log1p(Math.exp(-Math.abs(signed))));
  }
  return sum;
}

function logits(probabilities: Float64Array): Float64Array {
  return probabilities.map((probability) => {
    const clipped = clipProbability(probability);
    return Math.log(clipped / (1 - clipped));
  });
}

function hasBothClasses(labels: Uint8Array, weights: Float64Array): boolean {
  const goals = weightedMean(labels, weights);
  return goals > 0 && goals < 1;
}
