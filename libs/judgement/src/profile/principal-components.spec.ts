import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { principalComponents } from './principal-components';
import { passesOf } from './profile-batch';
import { inBatches, numbers, specDataset, texts } from './spec-batches';

interface Fixture {
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
  readonly weights: readonly number[];
  readonly shares: readonly number[];
  /** Coefficients of the columns that vary, by component. */
  readonly components: readonly Readonly<Record<string, number>>[];
}
const fixture = JSON.parse(
  readFileSync(join(__dirname, 'fixtures', 'principal-components.json'), 'utf8'),
) as Fixture;
const rows = fixture.weights.length;
const dataset = specDataset(
  [
    ...Object.entries(fixture.columns).map(([name, values]) =>
      numbers(
        name,
        values.map((value) => value ?? NaN),
      ),
    ),
    texts(
      'device',
      Array.from({ length: rows }, (_, row) => `d${row % 3}`),
    ),
  ],
  { weights: Float64Array.from(fixture.weights) },
);
const all = fixture.shares.length;

describe('principal components', () => {
  it('are those of scikit-learn: shares and coefficients, also of weighted rows and unknown values', () => {
    const found = principalComponents(passesOf(dataset), all);
    expect(found).toMatchObject({ rows, columns: all });
    found.components.forEach(({ share, loadings }, at) => {
      expect(Math.abs(share - fixture.shares[at]!)).toBeLessThan(1e-6);
      const wanted = fixture.components[at]!;
      const [largest] = loadings;
      const sign = Math.sign(wanted[largest!.column]!);
      for (const { column, loading } of loadings)
        expect(Math.abs(loading - sign * wanted[column]!)).toBeLessThan(1e-6);
    });
  });

  it('are the same however the rows arrive, and only as many as are asked for', () => {
    const [first, second] = principalComponents(inBatches(dataset, 70), 2).components;
    const [wanted] = principalComponents(passesOf(dataset), all).components;
    expect(second).toBeDefined();
    expect(principalComponents(inBatches(dataset, 70), 2).components).toHaveLength(2);
    expect(first!.share).toBeCloseTo(wanted!.share, 12);
    first!.loadings.forEach(({ loading }, at) =>
      expect(loading).toBeCloseTo(wanted!.loadings[at]!.loading, 9),
    );
  });

  it('have the largest coefficient first, and positive', () => {
    for (const { loadings } of principalComponents(passesOf(dataset), all).components) {
      const sizes = loadings.map(({ loading }) => Math.abs(loading));
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      expect(loadings[0]!.loading).toBeGreaterThan(0);
      expect(sizes.reduce((sum, size) => sum + size * size, 0)).toBeCloseTo(1, 12);
    }
  });

  it('need a column of numbers that varies', () => {
    const constant = specDataset([numbers('one', [1, 1, 1]), texts('device', ['a', 'b', 'c'])]);
    expect(() => principalComponents(passesOf(constant), 3)).toThrow(
      expect.objectContaining({ code: 'no-numbers' }) as Error,
    );
  });
});
