import { quantile } from './quantile';

const of = (values: readonly number[], share: number) =>
  quantile((index) => values[index]!, values.length, share);

describe('quantile of type 7', () => {
  it('interpolates between order statistics (R: quantile(c(1, 2, 4, 8), .3))', () => {
    expect(of([1, 2, 4, 8], 0.3)).toBeCloseTo(1.9, 12);
    expect(of([1, 2, 4, 8], 0.5)).toBe(3);
    expect(of([1, 2, 4, 8], 0)).toBe(1);
    expect(of([1, 2, 4, 8], 1)).toBe(8);
  });

  it('is the value itself if there is only one, and 0 if there is none', () => {
    expect(of([7], 0.9)).toBe(7);
    expect(of([], 0.5)).toBe(0);
  });
});
