import { sigmoid } from '@factory/domain';
import { hasBothClasses, logits } from './logits';
import { weightedMean } from './probability-metrics';
import { ratio } from './ranking';

/** Mean predicted over observed fraction of goals: 1 = right on average. 0 if there are no goals. */
export function calibrationRatio(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number {
  return ratio(weightedMean(probabilities, weights), weightedMean(labels, weights));
}

/** The intercept as a plain number: 0 if it cannot be estimated. */
export function calibrationIntercept(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number {
  const intercept = estimateCalibrationIntercept(probabilities, labels, weights);
  return typeof intercept === 'number' ? intercept : 0;
}

/**
 * Intercept a of logit P(goal) = a + logit(p), with the slope fixed at 1: below 0 = scores too high on average. It also
 * exists if all scores are equal or the classes are separated.
 */
export function estimateCalibrationIntercept(
  probabilities: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): number | 'one-class' {
  if (!hasBothClasses(labels, weights)) return 'one-class';
  const x = logits(probabilities);
  const goals = weightedMean(labels, weights);
  // The mean of sigmoid(a + x) increases with a, so bracketing always converges, however wrong the scores are.
  // Newton's step is used if it stays inside the bracket: each pass over the rows then doubles the digits,
  // while bisection adds a bit.
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

/** Weighted mean of sigmoid(shift + x), and its derivative by the shift. */
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
