import { meanOf, median, welch } from './statistics.mjs';

describe('the median', () => {
  it('is the middle value, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([7])).toBe(7);
  });

  it('is the mean of the two middle values of an even number', () => {
    expect(median([4, 100, 1, 2])).toBe(3);
    expect(median([1, 2])).toBe(1.5);
  });

  it('orders numbers by size, not as text', () => {
    expect(median([100, 9, 10])).toBe(10);
  });

  it('does not reorder the values', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('the difference of two means', () => {
  it('follows from the closed form', () => {
    // Means 2 and 5, variances 1 and 20/3: standard error sqrt(1/3 + 20/3/4) = sqrt(2).
    const { difference, standardError, deviations } = welch([1, 2, 3], [2, 4, 6, 8]);
    expect(difference).toBe(-3);
    expect(standardError).toBeCloseTo(Math.SQRT2, 12);
    expect(deviations[0]).toBe(1);
    expect(deviations[1]).toBeCloseTo(Math.sqrt(20 / 3), 12);
  });

  it('agrees with a published example: t = -2.46 with means 20.8 and 23.0, variances 7.9 and 3.8', () => {
    // Wikipedia, "Welch's t-test", example 1: equal sizes, unequal variances.
    const a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
    const b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4];
    const { difference, standardError, deviations } = welch(a, b);
    expect(difference / standardError).toBeCloseTo(-2.46, 2);
    expect([meanOf(a), meanOf(b)].map((one) => one.toFixed(1))).toEqual(['20.8', '23.0']);
    expect(deviations.map((one) => (one ** 2).toFixed(1))).toEqual(['7.9', '3.8']);
  });

  it('has no error if nothing varies', () => {
    expect(welch([4, 4], [1, 1, 1])).toEqual({ difference: 3, standardError: 0, deviations: [0, 0] });
  });
});
