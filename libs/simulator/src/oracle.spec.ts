import { weightedAuc } from './oracle';

const auc = (scores: number[], labels: number[]) =>
  weightedAuc(
    scores,
    (row) => labels[row]!,
    (row) => 1 - labels[row]!,
  );

describe('AUC of the true propensities', () => {
  it('is the share of pairs in the right order, ties half', () => {
    expect(auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
    expect(auc([0.5, 0.5], [0, 1])).toBe(0.5);
    expect(auc([0.9, 0.1], [0, 1])).toBe(0);
  });

  it('is 5/6 in expectation if propensity is uniform: closed form of the pair integral', () => {
    const p = Float64Array.from({ length: 20_001 }, (_, at) => at / 20_000);
    expect(
      weightedAuc(
        p,
        (row) => p[row]!,
        (row) => 1 - p[row]!,
      ),
    ).toBeCloseTo(5 / 6, 4);
  });

  it('is not a number if one class is missing', () => {
    expect(auc([0.1, 0.2], [1, 1])).toBeNaN();
  });
});
