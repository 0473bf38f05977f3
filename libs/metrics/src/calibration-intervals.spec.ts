import { sigmoid } from '@factory/domain';
import { calibrationIntervals } from './calibration-intervals';
import { fitCalibrationLine } from './calibration-slope';
import type { BootstrapInterval } from './group-draws';
import { bootstrapScores, type ScoredRows } from './score-bootstrap';
import { drawVisits, randomOf } from './spec-visits';

const logit = (p: number) => Math.log(p / (1 - p));

/** Scores off by a known line: true log-odds are `slope x score's + bias`. All visits of a visitor have one outcome. */
function distorted(
  visitors: number,
  seed: number,
  { slope, bias }: { slope: number; bias: number },
): ScoredRows {
  const { uniform, normal } = randomOf(seed);
  const scores: number[] = [];
  const labels: number[] = [];
  const weights: number[] = [];
  const groups: number[] = [];
  for (let visitor = 0; visitor < visitors; visitor++) {
    const x = -1.5 + 1.2 * normal();
    const goal = Number(uniform() < sigmoid(slope * x + bias));
    // Others are drawn one in four.
    if (goal === 0 && uniform() > 0.25) continue;
    for (let visits = 1 + Math.floor(3 * uniform()); visits > 0; visits--) {
      scores.push(sigmoid(x));
      labels.push(goal);
      weights.push(goal === 1 ? 1 : 4);
      groups.push(visitor);
    }
  }
  const numbers = new Map([...new Set(groups)].map((visitor, at) => [visitor, at]));
  return {
    scores: Float64Array.from(scores),
    labels: Uint8Array.from(labels),
    weights: Float64Array.from(weights),
    groups: Uint32Array.from(groups, (visitor) => numbers.get(visitor)!),
  };
}

const covers = ({ lower95, upper95 }: BootstrapInterval, truth: number) =>
  lower95 <= truth && truth <= upper95;

describe('the line of calibration', () => {
  it('goes through the observed log-odds of two scores', () => {
    const rows = [
      ...[0.2, 0.2, 0.2, 0.2, 0.2].map((score, at) => ({ score, label: Number(at < 2), weight: 3 })),
      ...[0.6, 0.6, 0.6, 0.6].map((score, at) => ({ score, label: Number(at < 3), weight: 1 + at })),
    ];
    const [low, high] = [logit(2 / 5), logit(6 / 10)];
    const slope = (high - low) / (logit(0.6) - logit(0.2));
    const line = fitCalibrationLine(
      Float64Array.from(rows, ({ score }) => score),
      Uint8Array.from(rows, ({ label }) => label),
      Float64Array.from(rows, ({ weight }) => weight),
    );
    expect(line).toEqual({
      slope: expect.closeTo(slope, 9) as number,
      intercept: expect.closeTo(low - slope * logit(0.2), 9) as number,
      converged: true,
    });
  });
});

describe('intervals of calibration', () => {
  it('of the ratio are as wide as a bootstrap over visitors says', () => {
    const { challenger: scores, labels, weights, groups } = drawVisits(1_500, 3);
    const rows = { scores, labels, weights, groups };
    const [here, there] = [
      calibrationIntervals(rows).ratio,
      bootstrapScores(rows, { seed: 7 }).calibrationRatio,
    ];
    expect(here.estimate).toBeCloseTo(there.estimate, 12);
    const width = ({ lower95, upper95 }: BootstrapInterval) => upper95 - lower95;
    expect(width(here) / width(there)).toBeGreaterThan(0.93);
    expect(width(here) / width(there)).toBeLessThan(1.07);
  });

  it('cover a known distortion in 95 % of samples with repeat visits', () => {
    const runs = 400;
    let [slopes, ratios] = [0, 0];
    for (let seed = 1; seed <= runs; seed++) {
      const { ratio, slope } = calibrationIntervals(distorted(900, seed, { slope: 0.7, bias: -0.3 }));
      slopes += Number(covers(slope as BootstrapInterval, 0.7));
      ratios += Number(covers(ratio, TRUE_RATIO));
    }
    // Four standard errors of a share of .95 in 400.
    for (const covered of [slopes, ratios]) expect(Math.abs(covered / runs - 0.95)).toBeLessThan(0.044);
  });

  it('say why there is no slope', () => {
    const rows = {
      weights: Float64Array.of(1, 1),
      groups: Uint32Array.of(0, 1),
      labels: Uint8Array.of(0, 1),
    };
    expect(calibrationIntervals({ ...rows, scores: Float64Array.of(0.2, 0.3) }).slope).toBe('separated');
    const none = calibrationIntervals({
      ...rows,
      labels: new Uint8Array(2),
      scores: Float64Array.of(0.2, 0.3),
    });
    expect(none).toMatchObject({ slope: 'one-class', ratio: { estimate: 0, lower95: 0, upper95: 0 } });
  });
});

/** Mean score over mean true propensity of the population that `distorted` draws from, by the trapezium rule. */
const TRUE_RATIO = (() => {
  let [predicted, observed] = [0, 0];
  for (let z = -8; z <= 8; z += 0.001) {
    const density = Math.exp((-z * z) / 2);
    const x = -1.5 + 1.2 * z;
    predicted += density * sigmoid(x);
    observed += density * sigmoid(0.7 * x - 0.3);
  }
  return predicted / observed;
})();
