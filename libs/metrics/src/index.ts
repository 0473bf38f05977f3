export { rankScores, type Ranking } from './ranking';
export { gainAt, liftAt, prAuc, rocAuc } from './ranking-metrics';
export {
  bestF1Threshold,
  metricsAtThreshold,
  type Confusion,
  type ThresholdMetrics,
} from './threshold-metrics';
export {
  PROBABILITY_EPSILON,
  brier,
  logLoss,
  logLosses,
  normalisedEntropy,
  rowLogLoss,
  weightedMean,
} from './probability-metrics';
export { calibrationIntercept, calibrationRatio, estimateCalibrationIntercept } from './calibration';
export {
  NO_SLOPE,
  estimateCalibrationSlope,
  fitCalibrationLine,
  type CalibrationLine,
  type NoSlope,
} from './calibration-slope';
export { calibrationIntervals, type CalibrationIntervals } from './calibration-intervals';
export { reliabilityBins, wilsonInterval, type ReliabilityBin } from './reliability';
export { evaluateScores, type Metrics } from './evaluate-scores';
export { BOOTSTRAP_SAMPLES, groupNumbers, type BootstrapInterval } from './group-draws';
export { pairedBootstrap, type PairedLosses } from './paired-bootstrap';
export {
  bootstrapScores,
  type ComparedIntervals,
  type ScoreIntervals,
  type ScoredRows,
} from './score-bootstrap';
export { contactProfits, type ContactTerms } from './contact-profit';
