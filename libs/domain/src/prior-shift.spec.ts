import * as fc from 'fast-check';
import { priorShift, sigmoid } from './prior-shift';

const logit = (p: number): number => Math.log(p / (1 - p));

describe('the prior shift', () => {
  it('is -2.5157 where all of 10,000 goals and 80,000 of 990,000 others were drawn (rules R6)', () => {
    expect(priorShift(1, 80_000 / 990_000)).toBeCloseTo(-2.5157, 4);
    expect(priorShift(1, 80_000 / 990_000)).toBeCloseTo(-2.515678308454754, 14);
  });

  it('maps the 11.1 % of the sample back to the 1 % of the shop', () => {
    const inSample = 10_000 / 90_000;
    expect(inSample).toBeCloseTo(0.111, 3);
    expect(sigmoid(logit(inSample) + priorShift(1, 80_000 / 990_000))).toBeCloseTo(0.01, 14);
  });

  it('maps any sample rate back to the rate that it was drawn from', () => {
    const count = fc.integer({ min: 1, max: 1_000_000 });
    const share = fc.double({ min: 0.0001, max: 1, noNaN: true });
    fc.assert(
      fc.property(count, count, share, share, (goals, others, f1, f0) => {
        const inSample = (goals * f1) / (goals * f1 + others * f0);
        const natural = goals / (goals + others);
        const restored = sigmoid(logit(inSample) + priorShift(f1, f0));
        expect(Math.abs(restored - natural) / natural).toBeLessThan(1e-6);
      }),
    );
  });

  it('is 0 if both classes were drawn at the same rate', () => {
    expect(priorShift(1, 1)).toBe(0);
    expect(priorShift(0.3, 0.3)).toBe(0);
  });
});

describe('the sigmoid', () => {
  it.each([
    [0, 0.5],
    [1, 0.7310585786300049],
    [-1, 0.2689414213699951],
    [710, 1],
    [-745, 5e-324],
    [1e308, 1],
    [-1e308, 0],
    [Infinity, 1],
    [-Infinity, 0],
  ])('of %d is %d, without overflow', (at, value) => {
    expect(sigmoid(at)).toBeCloseTo(value, 15);
    expect(sigmoid(at) > 0).toBe(value > 0);
  });

  it('keeps relative precision far below zero, where 1 / (1 + e^-x) and 1 - p have none', () => {
    expect(sigmoid(-40) / Math.exp(-40)).toBeCloseTo(1, 14);
    expect(sigmoid(-700) / Math.exp(-700)).toBeCloseTo(1, 14);
  });

  it('increases, and sigmoid(-x) = 1 - sigmoid(x)', () => {
    const finite = fc.double({ min: -800, max: 800, noNaN: true });
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(sigmoid(Math.min(a, b))).toBeLessThanOrEqual(sigmoid(Math.max(a, b)));
        expect(sigmoid(a) + sigmoid(-a)).toBeCloseTo(1, 14);
      }),
    );
  });

  it('of NaN is NaN', () => expect(sigmoid(Number.NaN)).toBeNaN());
});
