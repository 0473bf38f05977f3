import { sigmoid } from '@factory/domain';
import { Random } from '@factory/simulator';
import { DEFAULT_CHECK_LIMITS } from './check-rules';
import { checkScores, rankCorrelation, type CandidateScores } from './check-scores';
import { findingsOf } from './finding';

const ROWS = 3000;
const random = new Random(9, 'scores');
const logits = Float64Array.from({ length: ROWS }, () => -3 + random.normal());
const scores = logits.map(sigmoid);
const weights = Float64Array.from({ length: ROWS }, () => 1 + 7 * random.uniform());
const total = weights.reduce((sum, one) => sum + one, 0);
const rate = scores.reduce((sum, one, row) => sum + one * weights[row]!, 0) / total;
const usual: CandidateScores = {
  scores,
  weights,
  expected: { rate, goals: 400 },
  percentiles: [0, 0.1, 0.1, 0.4, 1],
  champion: logits.map((logit) => sigmoid(logit + 0.3 * random.normal())),
};
const find = (more: Partial<CandidateScores>): string[] =>
  findingsOf(checkScores({ ...usual, ...more }, DEFAULT_CHECK_LIMITS), DEFAULT_CHECK_LIMITS).map(
    ({ code, severity }) => `${code}: ${severity}`,
  );

describe("a candidate's scores", () => {
  it('are let pass as they should be', () => {
    expect(find({})).toEqual([]);
    expect(find({ champion: undefined })).toEqual([]);
  });

  it.each([
    ['score-not-finite: stop', { scores: scores.map((one, row) => (row === 7 ? NaN : one)) }],
    ['score-mean: stop', { scores: logits.map((logit) => sigmoid(logit + 2)) }],
    ['score-saturated: stop', { scores: scores.map((one, row) => (row % 20 === 0 ? 1 : one)) }],
    ['score-distinct: stop', { scores: scores.map((one) => (one > rate ? 1.5 * rate : 0.7 * rate)) }],
    ['score-percentiles: stop', { percentiles: [0, 0.5, 0.4, 1] }],
    ['score-shift: warn', { champion: logits.map((logit) => sigmoid(logit - 1)) }],
    ['score-order: warn', { champion: Float64Array.from(scores).reverse() }],
  ])('are found out: %s', (code, more) => {
    expect(find(more)).toContain(code);
  });

  it('may miss a rate that few goals tell', () => {
    const off = { rate: rate / 1.4, goals: 10 };
    expect(find({ expected: off })).toEqual([]);
    expect(find({ expected: { ...off, goals: 1000 } })).toEqual(['score-mean: stop']);
  });
});

describe('rank correlation', () => {
  it('gives equal values their mean rank', () => {
    // By hand: ranks 1.5, 1.5, 3, 4 and 1, 2, 3.5, 3.5: the products of deviations add up to 4, the squares to 4.5 each.
    expect(rankCorrelation(Float64Array.of(1, 1, 2, 3), Float64Array.of(5, 6, 7, 7))).toBeCloseTo(
      4 / 4.5,
      12,
    );
    expect(rankCorrelation(Float64Array.of(1, 2, 3), Float64Array.of(3, 2, 1))).toBeCloseTo(-1, 12);
    expect(rankCorrelation(Float64Array.of(1, 1), Float64Array.of(1, 2))).toBe(0);
  });
});
