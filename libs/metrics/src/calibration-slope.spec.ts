import fc from 'fast-check';
import { estimateCalibrationIntercept } from './calibration';
import { estimateCalibrationSlope } from './calibration-slope';

type Row = readonly [score: number, label: number, weight: number];
const arrays = (rows: readonly Row[]) =>
  [
    Float64Array.from(rows, ([score]) => score),
    Uint8Array.from(rows, ([, label]) => label),
    Float64Array.from(rows, ([, , weight]) => weight),
  ] as const;
const slope = (...rows: Row[]) => estimateCalibrationSlope(...arrays(rows));
const logit = (p: number) => Math.log(p / (1 - p));

describe('calibration slope', () => {
  it('cannot be told from one class, whatever the scores', () => {
    expect(slope([0.1, 0, 1], [0.9, 0, 1])).toBe('one-class');
    expect(slope([0.1, 1, 1], [0.9, 1, 1])).toBe('one-class');
    expect(slope([0.1, 1, 1], [0.9, 0, 0])).toBe('one-class');
    expect(slope()).toBe('one-class');
    expect(estimateCalibrationIntercept(...arrays([[0.1, 1, 1]]))).toBe('one-class');
  });

  it('cannot be told from one score', () => {
    expect(slope([0.3, 0, 1], [0.3, 1, 2])).toBe('one-score');
    expect(slope([0.3, 0, 1], [0.3, 1, 2], [0.7, 1, 0])).toBe('one-score');
    // Both are clipped to the same probability.
    expect(slope([0, 0, 1], [1e-300, 1, 2])).toBe('one-score');
  });

  it('cannot be told from scores that one cut separates, ties at the cut included, either way round', () => {
    expect(slope([0.1, 0, 1], [0.2, 0, 1], [0.8, 1, 1])).toBe('separated');
    expect(slope([0.1, 1, 1], [0.2, 1, 1], [0.8, 0, 1])).toBe('separated');
    expect(slope([0.1, 0, 1], [0.5, 0, 1], [0.5, 1, 1], [0.8, 1, 1])).toBe('separated');
    expect(slope([0.5, 0, 1], [0.5, 1, 1], [0.8, 1, 1])).toBe('separated');
    expect(slope([0.1, 0, 1], [0.8, 1, 1], [0.05, 1, 0])).toBe('separated');
  });

  it('is a number as soon as one row is on the other side, however light it is', () => {
    for (const weight of [1, 1e-3, 1e-6, 1e-9]) {
      const found = slope([0.1, 0, 1], [0.2, 0, 1], [0.15, 1, weight], [0.8, 1, 1]);
      expect(typeof found).toBe('number');
      expect(found).toBeGreaterThan(0);
    }
  });

  it('is the log of the odds ratio over the distance, for two scores', () => {
    const four: readonly [number, number, number, number] = [30, 70, 45, 55];
    for (const distance of [2, 1e-3, 1e-9]) {
      const [low, high] = [0.4, 1 / (1 + Math.exp(-logit(0.4) - distance))];
      const expected = Math.log((four[2] * four[1]) / (four[3] * four[0])) / (logit(high) - logit(low));
      const found = slope([low, 1, four[0]], [low, 0, four[1]], [high, 1, four[2]], [high, 0, four[3]]);
      expect(Math.abs(Number(found) / expected - 1)).toBeLessThan(1e-9);
    }
  });

  it('is found where it is steep and the scores are extreme', () => {
    const rows: Row[] = [
      [1, 0, 0.01],
      [0, 0, 10_000],
      [2.2804831543039125e-16, 1, 27.224570044956444],
      [0, 0, 27.75008124115003],
    ];
    // By halving twice in 80-bit numbers.
    expect(slope(...rows)).toBeCloseTo(38.63461416433917, 6);
  });

  it('leaves no slope in the likelihood, on any rows that overlap', () => {
    const row = fc.tuple(
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-9, 0.5)),
      fc.constantFrom(0, 1),
      fc.oneof(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.constantFrom(1e-4, 1e4)),
    );
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 40 }), (rows) => {
        const found = slope(...rows);
        fc.pre(typeof found === 'number');
        const x = rows.map(([score]) => logit(Math.min(1 - 2 ** -52, Math.max(2 ** -52, score))));
        const b = Number(found);
        // The best intercept for this slope, by halving; then the score equation of the slope must hold.
        const errors = (a: number) =>
          rows.map(([, label, weight], at) => {
            const line = a + b * x[at]!;
            return label === 1 ? weight / (1 + Math.exp(line)) : -weight / (1 + Math.exp(-line));
          });
        let [low, high] = [-1e5, 1e5];
        for (let step = 0; step < 200; step++) {
          const middle = (low + high) / 2;
          if (errors(middle).reduce((sum, one) => sum + one, 0) > 0) low = middle;
          else high = middle;
        }
        const left = errors((low + high) / 2);
        const size = left.reduce((sum, one, at) => sum + Math.abs(one * x[at]!), 0);
        expect(Math.abs(left.reduce((sum, one, at) => sum + one * x[at]!, 0))).toBeLessThanOrEqual(
          1e-6 * size + 1e-9,
        );
      }),
      { numRuns: 300 },
    );
  });
});
