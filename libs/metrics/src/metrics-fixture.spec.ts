import { evaluateScores } from './evaluate-scores';
import cases from './fixtures/metrics.json';
import { rankScores } from './ranking';
import { bestF1Threshold } from './threshold-metrics';

/** Worked out by scikit-learn: tools/fixtures/metrics.py. */
describe.each(cases)('rules R7 against scikit-learn: $name', ({ expected, confusion, ...given }) => {
  const scores = Float64Array.from(given.scores);
  const labels = Uint8Array.from(given.labels);
  const weights = Float64Array.from(given.weights);
  const metrics = evaluateScores(scores, labels, weights, given.threshold);

  it.each(Object.entries(expected))('%s', (name, wanted) => {
    const tolerance = name === 'calibrationSlope' ? 1e-7 : 1e-9;
    expect(Math.abs(metrics[name as keyof typeof expected] - wanted)).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(wanted)),
    );
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
