import fc from 'fast-check';
import { splitFeatures, textType } from './feature-tables';

const feature = fc.record({
  kind: fc.constantFrom('number' as const, 'category' as const),
  longest: fc.integer({ min: 0, max: 255 }),
});

describe('features distributed over tables', () => {
  it("are complete, in order, in tables within InnoDB's limits", () => {
    fc.assert(
      fc.property(fc.array(feature, { minLength: 1, maxLength: 3_000 }), (features) => {
        const tables = splitFeatures(features);
        expect(tables.flat()).toEqual(features);
        for (const table of tables) {
          const texts = table.filter(({ kind }) => kind === 'category');
          const declared = texts.reduce(
            (sum, { longest }) => sum + 4 * Number(/\d+/.exec(textType(longest))?.[0]) + 2,
            0,
          );
          expect(table.length).toBeLessThan(1_017);
          expect(declared + 8 * (table.length - texts.length)).toBeLessThan(65_535);
          expect(40 * texts.length + 8 * (table.length - texts.length)).toBeLessThan(8_126);
        }
      }),
    );
  });

  it('stay in one table if they fit', () => {
    const features = Array.from({ length: 500 }, () => ({ kind: 'number' as const, longest: 9 }));
    expect(splitFeatures(features)).toHaveLength(1);
    expect(splitFeatures([])).toEqual([]);
  });
});
