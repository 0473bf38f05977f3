import { amountOf } from './quantity.mjs';

describe('quantities of Kubernetes', () => {
  it.each([
    ['2', 2],
    [2, 2],
    ['500m', 0.5],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['128Mi', 2 ** 27],
    ['1G', 1e9],
    ['1e3', 1000],
    ['1E', 1e18],
  ])('%j is %d', (quantity, amount) => {
    expect(amountOf(quantity)).toBeCloseTo(amount, 9);
  });

  it.each(['', 'much', '1 Gi', '1GB'])('%j is none', (quantity) => {
    expect(amountOf(quantity)).toBeNaN();
  });
});
