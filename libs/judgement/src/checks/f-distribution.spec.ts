import { fQuantile, fUpperTail, incompleteBeta, logGamma, tTwoSided } from './f-distribution';

describe('the F distribution', () => {
  // Tables of critical values: NIST/SEMATECH e-Handbook of Statistical Methods, sections 1.3.6.7.2 and 1.3.6.7.3.
  it.each([
    [0.05, 5, 10, 3.326],
    [0.01, 3, 20, 4.938],
    [0.1, 1, 1, 39.863],
    [0.01, 10, 100, 2.503],
  ])('exceeds with probability %p at %p and %p degrees of freedom %p', (tail, first, second, f) => {
    expect(fQuantile(tail, first, second)).toBeCloseTo(f, 3);
    expect(fUpperTail(fQuantile(tail, first, second), first, second)).toBeCloseTo(tail, 9);
  });

  it("is Student's t squared at one degree of freedom", () => {
    expect(tTwoSided(2.228139, 10)).toBeCloseTo(0.05, 6);
    expect(tTwoSided(3.169273, 10)).toBeCloseTo(0.01, 6);
  });

  it('is a chi-square at endless ones: closed form at two', () => {
    for (const x of [0.5, 3, 20]) expect(fUpperTail(x, 2, 1e7) / Math.exp(-x)).toBeCloseTo(1, 3);
  });

  it('has tails without loss of digits', () => {
    // At 2 and 2k degrees of freedom the tail is (1 + f / k)^-k.
    expect(fUpperTail(1000, 2, 20) / (1 + 100) ** -10).toBeCloseTo(1, 9);
  });
});

describe('the functions behind it', () => {
  it('know factorials, and the beta of small whole numbers', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    // I_x(2, 3) is the chance of at least 2 of 4.
    const x = 0.3;
    const atLeastTwo = 1 - (1 - x) ** 4 - 4 * x * (1 - x) ** 3;
    expect(incompleteBeta(x, 2, 3)).toBeCloseTo(atLeastTwo, 12);
  });
});
