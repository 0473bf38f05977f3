import type { Column } from '@factory/domain';
import { applyTransform } from './apply-transform';
import { profileColumns } from './column-profile';
import { fitTransform } from './fit-transform';
import fixture from './fixtures/normalisation.json';
import { allRows, categories, numbers } from './spec-columns';

const columns: Column[] = [
  ...Object.entries(fixture.numbers).map(([name, values]) => numbers(name, values)),
  ...Object.entries(fixture.categories).map(([name, values]) => categories(name, values)),
];
const rows = allRows(columns);

/** Computed with numpy and scikit-learn: tools/fixtures/normalisation.py. */
describe('rules R4 against numpy and scikit-learn', () => {
  const transform = fitTransform(columns, rows);

  it.each(Object.entries(fixture.expected))('fits %s to 1e-12 relative', (name, expected) => {
    const feature = transform.features.find(({ column }) => column === name);
    const profile = profileColumns(columns, rows).find((one) => one.name === name);
    if (feature?.kind !== 'number' || profile?.kind !== 'number') throw new Error(`${name} is not a number`);
    expect(feature.trim).toBe(expected.trim);
    for (const [actual, wanted] of [
      [feature.median, expected.median],
      [feature.mean, expected.mean],
      [feature.deviation, expected.deviation],
      [profile.q1, expected.q1],
      [profile.q3, expected.q3],
    ] as const) {
      expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
    }
  });

  it('takes the largest absolute value for maxabs', () => {
    for (const feature of fitTransform(columns, rows, { scaler: 'maxabs' }).features) {
      if (feature.kind !== 'number') continue;
      expect(feature.mean).toBe(0);
      expect(feature.deviation).toBe(fixture.expected[feature.column as 'amount'].maxabs);
    }
  });

  it('gives the 50 most frequent levels outputs, ties by bytes, and the rest one together', () => {
    const city = transform.features.find(({ column }) => column === 'city');
    expect(city).toMatchObject({ levels: fixture.levels, rest: fixture.rest, other: true, indicator: false });
    const device = transform.features.find(({ column }) => column === 'device');
    expect(device).toMatchObject({ levels: fixture.deviceLevels, rest: [], other: false, indicator: true });
  });

  it('makes the same matrix', () => {
    const { matrix, width } = applyTransform(transform, columns, rows);
    expect(width).toBe(fixture.width);
    fixture.firstRows.flat().forEach((wanted, index) => expect(matrix[index]).toBeCloseTo(wanted, 6));
    fixture.columnSums.forEach((wanted, column) => {
      let sum = 0;
      for (let row = 0; row < rows.length; row++) sum += matrix[row * width + column]!;
      expect(sum).toBeCloseTo(wanted, 4);
    });
  });
});
