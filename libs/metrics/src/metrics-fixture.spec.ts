import { estimateCalibrationIntercept } from './calibration';
import { estimateCalibrationSlope } from './calibration-slope';
import { evaluateScores, type Metrics } from './evaluate-scores';
import cases from './fixtures/metrics.json';
import { rankScores } from './ranking';
import { reliabilityBins } from './reliability';
import { bestF1Threshold } from './threshold-metrics';

/** Agrees with a figure to nine digits, of 1 where it is smaller. */
function expectFigure(found: number, wanted: number): void {
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
}

/** Worked out by scikit-learn and statsmodels: tools/fixtures/metrics.py. */
describe.each(cases)('rules R7 against scikit-learn: $name', ({ expected, confusion, ...given }) => {
  const scores = Float64Array.from(given.scores);
  const labels = Uint8Array.from(given.labels);
  const weights = Float64Array.from(given.weights);
  const metrics = evaluateScores(scores, labels, weights, given.threshold);

  it.each(Object.entries(expected))('%s', (name, wanted) => {
    const found = metrics[name as keyof Metrics];
    if (typeof wanted === 'number') expectFigure(Number(found), wanted);
    // An intercept that cannot be told is 0 among the figures of a report.
    else expect(found).toBe(name === 'calibrationIntercept' ? 0 : wanted);
  });

  it('calibration, or why there is none', () => {
    const found = {
      calibrationSlope: estimateCalibrationSlope(scores, labels, weights),
      calibrationIntercept: estimateCalibrationIntercept(scores, labels, weights),
    };
    for (const name of ['calibrationSlope', 'calibrationIntercept'] as const) {
      const wanted = expected[name];
      if (typeof wanted === 'number') expectFigure(Number(found[name]), wanted);
      else expect(found[name]).toBe(wanted);
    }
  });

  it('reliability', () => {
    const bins = reliabilityBins(scores, labels, weights);
    expect(bins).toHaveLength(given.reliability.length);
    bins.forEach((bin, at) => {
      const wanted = given.reliability[at]!;
      for (const name of Object.keys(wanted) as (keyof typeof wanted)[])
        expectFigure(bin[name], wanted[name]);
    });
  });

  it('confusion matrix', () => {
    for (const [name, wanted] of Object.entries(confusion)) {
      expect(metrics.confusion[name as keyof typeof confusion]).toBeCloseTo(wanted, 8);
    }
  });

  it('threshold of the best F1', () => {
    expect(bestF1Threshold(rankScores(scores, labels, weights))).toBe(given.bestF1Threshold);
  });
});
