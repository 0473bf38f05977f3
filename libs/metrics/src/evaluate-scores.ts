import { brier, logLoss, normalisedEntropy } from './probability-metrics';
import { calibrationIntercept, calibrationRatio } from './calibration';
import { calibrationSlope } from './calibration-slope';
import { gainAt, liftAt, prAuc, rocAuc } from './ranking-metrics';
import { rankScores, ratio } from './ranking';
import { type ThresholdMetrics, metricsAtThreshold } from './threshold-metrics';

/** Everything of rules R7 on one set of rows, all weighted; 0/0 = 0. */
export interface Metrics extends ThresholdMetrics {
  /** Rows evaluated. */
  readonly rows: number;
  /** Rows with the goal. */
  readonly goals: number;
  /** Sum of the weights: the visits that the rows stand for. */
  readonly weight: number;
  /** Weighted share of goals. */
  readonly baseRate: number;
  /** Area under the ROC curve: chance that a goal scores above another visit; ties count half. */
  readonly rocAuc: number;
  /** Average precision. */
  readonly prAuc: number;
  /** Mean log-loss, nats. */
  readonly logLoss: number;
  /** Log-loss over that of always saying the base rate: below 1 = better than the base rate. */
  readonly normalisedEntropy: number;
  /** Mean squared error of the probabilities. */
  readonly brier: number;
  /** Share of goals among the best 5 % of scores over the base rate. */
  readonly liftAt5: number;
  /** The same of the best 20 %. */
  readonly liftAt20: number;
  /** Share of all goals that is among the best 5 % of scores. */
  readonly gainAt5: number;
  /** The same of the best 20 %. */
  readonly gainAt20: number;
  /** Mean predicted over observed share of goals: 1 = right on average. */
  readonly calibrationRatio: number;
  /** Slope of the recalibration in log-odds: below 1 = too extreme, above 1 = too timid; 0 where it cannot be told. */
  readonly calibrationSlope: number;
  /** Intercept of the recalibration at slope 1: below 0 = scores too high on average. */
  readonly calibrationIntercept: number;
}

/**
 * Evaluates scores with one sort.
 *
 * @param scores [rows] natural-prior probabilities
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] visits that each row stands for
 * @param threshold scores of at least this count as "goal" (the validation's F1-best, `bestF1Threshold`)
 * @throws BadInputError `invalid-scores`
 */
export function evaluateScores(
  scores: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  threshold: number,
): Metrics {
  const ranking = rankScores(scores, labels, weights);
  const weight = ranking.totalPositive + ranking.totalNegative;
  const baseRate = ratio(ranking.totalPositive, weight);
  const loss = logLoss(scores, labels, weights);
  return {
    rows: scores.length,
    goals: labels.reduce((count, label) => count + label, 0),
    weight,
    baseRate,
    rocAuc: rocAuc(ranking),
    prAuc: prAuc(ranking),
    logLoss: loss,
    normalisedEntropy: normalisedEntropy(loss, baseRate),
    brier: brier(scores, labels, weights),
    liftAt5: liftAt(ranking, 0.05),
    liftAt20: liftAt(ranking, 0.2),
    gainAt5: gainAt(ranking, 0.05),
    gainAt20: gainAt(ranking, 0.2),
    ...metricsAtThreshold(ranking, threshold),
    calibrationRatio: calibrationRatio(scores, labels, weights),
    calibrationSlope: calibrationSlope(scores, labels, weights),
    calibrationIntercept: calibrationIntercept(scores, labels, weights),
  };
}
