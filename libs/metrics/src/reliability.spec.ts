import fc from 'fast-check';
import { reliabilityBins } from './reliability';
import { rowsByScore } from './score-order';

const ones = (count: number) => new Float64Array(count).fill(1);

describe('reliability', () => {
  it('has ten bins of a tenth of the weight each', () => {
    const scores = Float64Array.from({ length: 1000 }, (_, row) => ((row * 387) % 1000) / 1000);
    const labels = Uint8Array.from(scores, (score, row) => (row % 7 < score * 7 ? 1 : 0));
    const bins = reliabilityBins(scores, labels, ones(1000));
    expect(bins.map(({ weight }) => weight)).toEqual(new Array(10).fill(100));
    expect(bins.map(({ from, to }) => [from, to])[3]).toEqual([0.3, 0.399]);
    expect(bins[3]?.predicted).toBeCloseTo(0.3495, 12);
    expect(bins.reduce((sum, { goals }) => sum + goals, 0)).toBe(labels.reduce((sum, label) => sum + label));
  });

  it('keeps rows of one score together', () => {
    const scores = Float64Array.from({ length: 100 }, (_, row) => (row < 95 ? 0.01 : 0.5));
    const bins = reliabilityBins(scores, new Uint8Array(100), ones(100));
    expect(bins.map(({ from, rows }) => [from, rows])).toEqual([
      [0.01, 95],
      [0.5, 5],
    ]);
  });

  it('holds all rows with weight once, in order', () => {
    const row = fc.tuple(
      fc.integer({ min: -3, max: 9 }),
      fc.constantFrom(0, 1),
      fc.constantFrom(0, 0.5, 3, 40),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), (rows) => {
        const bins = reliabilityBins(
          Float64Array.from(rows, ([score]) => score / 10),
          Uint8Array.from(rows, ([, label]) => label),
          Float64Array.from(rows, ([, , weight]) => weight),
        );
        const weighty = rows.filter(([, , weight]) => weight > 0);
        expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(weighty.length);
        expect(bins.reduce((sum, bin) => sum + bin.weight, 0)).toBeCloseTo(
          weighty.reduce((sum, [, , weight]) => sum + weight, 0),
          9,
        );
        bins.forEach((bin, at) => {
          expect(bin.from).toBeGreaterThan(bins[at - 1]?.to ?? -Infinity);
          expect(bin.lower95).toBeLessThanOrEqual(bin.observed + 1e-12);
          expect(bin.upper95).toBeGreaterThanOrEqual(bin.observed - 1e-12);
        });
      }),
    );
  });

  it('is no less sure of a share when the others were drawn at a twelfth', () => {
    // All 100 goals and 800 of 9,600 others: the share is known about as well as from counts of 100 and 800.
    const labels = Uint8Array.from({ length: 900 }, (_, row) => (row < 100 ? 1 : 0));
    const [bin] = reliabilityBins(
      new Float64Array(900).fill(0.01),
      labels,
      Float64Array.from(labels, (label) => (label === 1 ? 1 : 12)),
    );
    const relative = Math.sqrt(1 / 100 + 1 / 800);
    expect(bin?.observed).toBeCloseTo(100 / 9700, 12);
    expect(Math.log((bin?.upper95 ?? 0) / (bin?.lower95 ?? 0)) / (2 * 1.96 * relative)).toBeCloseTo(1, 1);
  });
});

describe('rows by score', () => {
  it('are sorted as a stable comparison sorts them', () => {
    const score = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 0.5, 1),
    );
    fc.assert(
      fc.property(fc.array(score, { maxLength: 80 }), (scores) => {
        const expected = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]! || a - b);
        // Differences of very large numbers are infinite, which is no order of equal ones.
        fc.pre(scores.every((one) => Math.abs(one) < 1e300));
        expect([...rowsByScore(Float64Array.from(scores))]).toEqual(expected);
      }),
    );
  });
});
