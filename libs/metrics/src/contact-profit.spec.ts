import { sigmoid } from '@factory/domain';
import { contactProfits } from './contact-profit';
import { weightedMean } from './index';
import { pairedBootstrap } from './paired-bootstrap';

const scores = Float64Array.of(0.9, 0.5, 0.5, 0.2, 0.04);
const labels = Uint8Array.of(1, 0, 1, 0, 1);
const weights = Float64Array.of(1, 2, 2, 4, 1);
const terms = { goalValue: 10, contactCost: 1, capacity: 1 };
const profits = (changed: Partial<typeof terms>) => [
  ...contactProfits(scores, labels, weights, { ...terms, ...changed }),
];

describe('the profit of contacts', () => {
  it('comes from visits whose score says that they pay', () => {
    expect(profits({})).toEqual([9, -1, 9, -1, 0]);
    expect(profits({ contactCost: 4 })).toEqual([6, -4, 6, 0, 0]);
    expect(profits({ contactCost: 9 })).toEqual([0, 0, 0, 0, 0]);
  });

  it('ends with the capacity, which visits of equal score share', () => {
    // 30 % of 10 visits: one of .9, and 2 of the 4 of .5.
    expect(profits({ capacity: 0.3 })).toEqual([9, -0.5, 4.5, 0, 0]);
    expect(profits({ capacity: 0.1 })).toEqual([9, 0, 0, 0, 0]);
    expect(profits({ capacity: 0 })).toEqual([0, 0, 0, 0, 0]);
  });

  it('of true scores is in expectation the closed form of scores that are logistic', () => {
    // Scores uniform on (0, 1), true: profit a visit = integral from c to 1 of (v p - 1) dp with c = 1 / v.
    const rows = 200_000;
    const uniform = Float64Array.from({ length: rows }, (_, row) => (row + 0.5) / rows);
    let state = 7;
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const drawn = Uint8Array.from(uniform, (score) => Number(random() < score));
    const ones = new Float64Array(rows).fill(1);
    const found = weightedMean(contactProfits(uniform, drawn, ones, terms), ones);
    const c = terms.contactCost / terms.goalValue;
    expect(found).toBeCloseTo((terms.goalValue / 2) * (1 - c * c) - (1 - c), 1);
  });

  it('of a model that is biased is never higher, as far as a bootstrap can tell', () => {
    const rows = 20_000;
    let state = 3;
    const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const truth = Float64Array.from({ length: rows }, () => sigmoid(-3 + 3 * (random() + random() - 1)));
    const drawn = Uint8Array.from(truth, (score) => Number(random() < score));
    const ones = new Float64Array(rows).fill(1);
    const tenTimes = truth.map((score) => Math.min(1, 10 * score));
    const costOf = (one: Float64Array) =>
      contactProfits(one, drawn, ones, { ...terms, goalValue: 12 }).map((profit) => -profit);
    const { upper95 } = pairedBootstrap({
      lossA: costOf(truth),
      lossB: costOf(tenTimes),
      weights: ones,
      groups: Uint32Array.from(truth, (_, row) => row),
      seed: 1,
    });
    expect(upper95).toBeLessThan(0);
  });
});
