import { ratio } from './ranking';

/** Probabilities are kept this far from 0 and 1 before a logarithm: float64's epsilon, as in scikit-learn. */
export const PROBABILITY_EPSILON = Number.EPSILON;

/** A probability far enough from 0 and 1 to have a finite logit. */
export function clipProbability(probability: number): number {
  return Math.min(1 - PROBABILITY_EPSILON, Math.max(PROBABILITY_EPSILON, probability));
}

/** Each row's log-loss, natural logarithm: what `logLoss` averages and `pairedBootstrap` compares. */
export function logLosses(probabilities: Float64Array, labels: Uint8Array): Float64Array {
  const losses = new Float64Array(probabilities.length);
  for (let row = 0; row < losses.length; row++)
    losses[row] = rowLogLoss(probabilities[row] ?? NaN, labels[row] ?? 0);
  return losses;
}

/** Log-loss of one row in nats. @param label 1 = goal reached */
export function rowLogLoss(probability: number, label: number): number {
  const clipped = clipProbability(probability);
  return -Math.log(label === 1 ? clipped : 1 - clipped);
}

/** Weighted mean of some figure of each row; 0 without weight. */
export function weightedMean(values: ArrayLike<number>, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row] ?? 0;
    sum += weight * (values[row] ?? 0);
    total += weight;
  }
  return ratio(sum, total);
}

/** Weighted mean log-loss in nats. Equals scikit-learn's `log_loss`. */
export function logLoss(probabilities: Float64Array, labels: Uint8Array, weights: Float64Array): number {
  return weightedMean(logLosses(probabilities, labels), weights);
}

/**
 * Log-loss divided by that of always predicting the base rate: below 1 = better than the base rate. Source: He
 * et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook".
 */
export function normalisedEntropy(meanLogLoss: number, baseRate: number): number {
  const entropy =
    baseRate <= 0 || baseRate >= 1
      ? 0
      : -(baseRate * Math.log(baseRate) + (1 - baseRate) * Math.log(1 - baseRate));
  return ratio(meanLogLoss, entropy);
}

/** Weighted mean squared error of the probabilities. Equals scikit-learn's `brier_score_loss`. */
export function brier(probabilities: Float64Array, labels: Uint8Array, weights: Float64Array): number {
  return weightedMean(
    probabilities.map((probability, row) => (probability - (labels[row] ?? 0)) ** 2),
    weights,
  );
}
