import { brier, logLoss, normalisedEntropy } from './probability-metrics';
import { calibrationIntercept, calibrationRatio } from './calibration';
import { estimateCalibrationSlope, type NoSlope } from './calibration-slope';
import { gainAt, liftAt, prAuc, rocAuc } from './ranking-metrics';
import { rankScores, ratio } from './ranking';
import { type ThresholdMetrics, metricsAtThreshold } from './threshold-metrics';

/** All metrics of rules R7 on one set of rows, weighted; 0/0 = 0. */
export interface Metrics extends ThresholdMetrics {
  /** Rows evaluated. */
  readonly rows: number;
  /** Rows with the goal. */
  readonly goals: number;
  /** Sum of the weights: the visits that the rows represent. */
  readonly weight: number;
  /** Weighted fraction of goals. */
  readonly baseRate: number;
  /** Area under the ROC curve: chance that a goal scores above another visit; ties count half. */
  readonly rocAuc: number;
  /** Average precision. */
  readonly prAuc: number;
  /** Mean log-loss, nats. */
  readonly logLoss: number;
  /** Log-loss divided by that of always predicting the base rate: below 1 = better than the base rate. */
  readonly normalisedEntropy: number;
  /** Mean squared error of the probabilities. */
  readonly brier: number;
  /** Fraction of goals among the best 5 % of scores, divided by the base rate. */
  readonly liftAt5: number;
  /** The same of the best 20 %. */
  readonly liftAt20: number;
  /** Fraction of all goals that is among the best 5 % of scores. */
  readonly gainAt5: number;
  /** The same of the best 20 %. */
  readonly gainAt20: number;
  /** Mean predicted over observed fraction of goals: 1 = right on average. */
  readonly calibrationRatio: number;
  /**
   * Slope of the recalibration in log-odds: below 1 = too extreme, above 1 = too timid; or why there is none:
   * `one-class`, `one-score`, `separated`. Reports of schema 1 have 0 there.
   */
  readonly calibrationSlope: number | NoSlope;
  /** Intercept of the recalibration at slope 1: below 0 = scores too high on average. */
  readonly calibrationIntercept: number;
}

/**
 * Evaluates scores with one sort.
 *
 * @param scores [rows] natural-prior probabilities
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] visits that each row represents
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
    calibrationSlope: estimateCalibrationSlope(scores, labels, weights),
    calibrationIntercept: calibrationIntercept(scores, labels, weights),
  };
}
