import { holmAdjusted } from './holm';

describe("Holm's procedure", () => {
  it('raises each p-value by the tests that are left, never above a larger one', () => {
    // By hand: .005 x 4, .01 x 3, .03 x 2, and .04 x 1 which may not be below .06.
    const found = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    expect(found.map((one) => Number(one.toFixed(10)))).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  it('stays at 1, and knows no tests', () => {
    expect(holmAdjusted([0.9, 0.8])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});
