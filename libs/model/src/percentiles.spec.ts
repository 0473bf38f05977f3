import fc from 'fast-check';
import { buildPercentiles, parsePercentiles, percentileOf } from './percentiles';

const judging = fc.array(
  fc.record({
    score: fc.oneof(
      fc.integer({ min: 0, max: 5 }).map((fifth) => fifth / 5),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
    weight: fc.double({ min: 0.5, max: 20, noNaN: true }),
  }),
  { minLength: 1, maxLength: 300 },
);
const tableOf = (rows: readonly { score: number; weight: number }[]) =>
  buildPercentiles(
    Float64Array.from(rows, ({ score }) => score),
    Float64Array.from(rows, ({ weight }) => weight),
  );

describe('percentile of a score', () => {
  it('is the weighted share below plus half of ties, within the share of one score and a step', () => {
    fc.assert(
      fc.property(judging, (rows) => {
        const table = tableOf(rows);
        const total = rows.reduce((sum, { weight }) => sum + weight, 0);
        for (const { score } of rows) {
          const share = (test: (other: number) => boolean) =>
            (100 * rows.reduce((sum, row) => sum + (test(row.score) ? row.weight : 0), 0)) / total;
          const exact = share((other) => other < score) + share((other) => other === score) / 2;
          expect(Math.abs(percentileOf(table, score) - exact)).toBeLessThanOrEqual(0.1 + 1e-9);
        }
      }),
    );
  });

  it('never falls when the score rises, and stays in [0, 100]', () => {
    fc.assert(
      fc.property(
        judging,
        fc.array(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { minLength: 2 }),
        (rows, scores) => {
          const table = tableOf(rows);
          const percentiles = [...scores].sort((a, b) => a - b).map((score) => percentileOf(table, score));
          percentiles.forEach((percentile, index) => {
            expect(percentile).toBeGreaterThanOrEqual(percentiles[index - 1] ?? 0);
            expect(percentile).toBeLessThanOrEqual(100);
          });
        },
      ),
    );
  });

  it('is 50 when all rows have the same score, 0 below all and 100 above all', () => {
    const table = tableOf([
      { score: 0.3, weight: 1 },
      { score: 0.3, weight: 9 },
    ]);
    expect(percentileOf(table, 0.3)).toBeCloseTo(50, 9);
    expect(percentileOf(table, 0.2)).toBe(0);
    expect(percentileOf(table, 0.4)).toBe(100);
  });

  it('is interpolated between two scores of the table', () => {
    const rows = Array.from({ length: 10_001 }, (_, index) => ({ score: index / 10_000, weight: 2 }));
    expect(percentileOf(tableOf(rows), 0.12345)).toBeCloseTo(12.345, 2);
  });
});

describe('percentiles.json', () => {
  const table = tableOf([{ score: 0.3, weight: 2 }]);

  it('contains the score at each .1 %', () => {
    expect(table).toMatchObject({ schemaVersion: 1, rows: 1, weight: 2, step: 0.1 });
    expect(table.scores).toHaveLength(1001);
    expect(parsePercentiles(JSON.parse(JSON.stringify(table)))).toEqual(table);
  });

  it('is refused in an unknown version, and cannot be built without rows', () => {
    expect(() => parsePercentiles({ ...table, schemaVersion: 2 })).toThrow(
      /percentiles.json.schemaVersion = 2/,
    );
    expect(() => tableOf([])).toThrow(/no row is left to judge the model by/);
  });
});
