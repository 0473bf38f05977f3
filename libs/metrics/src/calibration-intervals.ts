import { sigmoid } from '@factory/domain';
import { calibrationRatio } from './calibration';
import { fitCalibrationLine, type CalibrationLine, type NoSlope } from './calibration-slope';
import { groupCount, groupSums, type BootstrapInterval } from './group-draws';
import { logits } from './logits';
import type { ScoredRows } from './score-bootstrap';

/** Standard normal quantiles of 97.5 % and 99.5 %. */
const [Z95, Z99] = [1.959963984540054, 2.5758293035489004];

/** How well scores are calibrated, and how sure that is. */
export interface CalibrationIntervals {
  /** Mean predicted over observed; 0 without goals. */
  readonly ratio: BootstrapInterval;
  /** Of Cox's line, or why there is none. */
  readonly slope: BootstrapInterval | NoSlope;
  /** That line. */
  readonly line: CalibrationLine | NoSlope;
}

/**
 * Calibration ratio and slope with intervals that are robust to repeat visits, by linearisation: of the ratio on the
 * scale of its logarithm, of the slope by the sandwich of scores summed over visitors. About as wide as those of a
 * bootstrap over visitors, without its thousand draws.
 * Sources: Binder 1983, "On the Variances of Asymptotically Normal Estimators from Complex Surveys"; Liang and Zeger 1986,
 * "Longitudinal Data Analysis Using Generalized Linear Models".
 */
export function calibrationIntervals({ scores, labels, weights, groups }: ScoredRows): CalibrationIntervals {
  const count = groupCount(groups);
  const ratio = calibrationRatio(scores, labels, weights);
  const goals = labels.reduce((sum, label, row) => sum + label * (weights[row] ?? 0), 0);
  const influence = groupSums(
    groups,
    count,
    (row) => ((weights[row] ?? 0) * ((scores[row] ?? NaN) - ratio * (labels[row] ?? 0))) / goals,
  );
  const line = fitCalibrationLine(scores, labels, weights);
  return {
    ratio: ratio === 0 ? alone(0) : byLogarithm(ratio, deviationOfSum([influence], [1]) / ratio),
    slope:
      typeof line === 'string'
        ? line
        : around(line.slope, slopeDeviation({ scores, labels, weights, groups }, line, count)),
    line,
  };
}

/** Of b in logit P(goal) = a + b logit(p): the second row of the inverse information times each visitor's scores. */
function slopeDeviation(rows: ScoredRows, { intercept, slope }: CalibrationLine, count: number): number {
  const { labels, weights, groups } = rows;
  const x = logits(rows.scores);
  const errors = x.map(
    (value, row) => (weights[row] ?? 0) * ((labels[row] ?? 0) - sigmoid(intercept + slope * value)),
  );
  let [h00, h01, h11] = [0, 0, 0];
  x.forEach((value, row) => {
    const p = sigmoid(intercept + slope * value);
    const curve = (weights[row] ?? 0) * p * (1 - p);
    h00 += curve;
    h01 += curve * value;
    h11 += curve * value * value;
  });
  const determinant = h00 * h11 - h01 * h01;
  const level = groupSums(groups, count, (row) => errors[row] ?? 0);
  const tilt = groupSums(groups, count, (row) => (errors[row] ?? 0) * (x[row] ?? 0));
  return deviationOfSum([level, tilt], [-h01 / determinant, h00 / determinant]);
}

/** Standard deviation of a sum over independent groups, estimated from its terms. */
function deviationOfSum(terms: readonly Float64Array[], factors: readonly number[]): number {
  const count = terms[0]?.length ?? 0;
  let squares = 0;
  for (let group = 0; group < count; group++) {
    let term = 0;
    terms.forEach((of, at) => (term += (factors[at] ?? 0) * (of[group] ?? 0)));
    squares += term * term;
  }
  return Math.sqrt((squares * count) / Math.max(1, count - 1));
}

function byLogarithm(estimate: number, deviation: number): BootstrapInterval {
  const end = (z: number) => estimate * Math.exp(z * deviation);
  return { estimate, lower95: end(-Z95), upper95: end(Z95), lower99: end(-Z99), upper99: end(Z99) };
}

function around(estimate: number, deviation: number): BootstrapInterval {
  const end = (z: number) => estimate + z * deviation;
  return { estimate, lower95: end(-Z95), upper95: end(Z95), lower99: end(-Z99), upper99: end(Z99) };
}

function alone(estimate: number): BootstrapInterval {
  return { estimate, lower95: estimate, upper95: estimate, lower99: estimate, upper99: estimate };
}
