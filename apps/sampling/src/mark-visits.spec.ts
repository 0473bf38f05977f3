import { HALVES, MARKS, PackedTexts, hashFraction } from '@factory/domain';
import fc from 'fast-check';
import { markVisits } from './mark-visits';
import { halfSeedOf, markSeedOf } from './seeds';

const key = { source: 'main', product: 7, goal: 'sale' };
const seeds = { markSeed: markSeedOf(key), halfSeed: halfSeedOf(key) };

function marked(visitors: readonly (string | null)[], hashKey = 'k', late?: (row: number) => boolean) {
  const ids = PackedTexts.from(visitors.map((_, row) => `visit ${row}`)).parts;
  const outOfTime = Uint8Array.from(visitors, (_, row) => Number(late?.(row) ?? false));
  return markVisits({ ids, visitors: PackedTexts.from(visitors).parts, outOfTime, ...seeds, hashKey });
}

describe('halves', () => {
  it.each([
    // Python: int(hashlib.md5(f'main/sale/7|{what}|{visitor}'.encode()).hexdigest()[:13], 16) / 2 ** 52 for mark, half.
    ['anna', 0.21657694974929886, 0.5090288050303087, 'b'],
    ['änne', 0.4800615145878502, 0.43359047928627703, 'a'],
    ['900', 0.22019375562708055, 0.15089752652474853, 'a'],
    ['bob', 0.07654635931049891, 0.33619775964270726, 'b'], // marked test
    ['visitor-7', 0.028579686354258227, 0.5827974028711036, 'b'],
    ['18446744073709551615', 0.7687553528057067, 0.9427629378649005, 'b'],
  ])('are what Python says: %s', (visitor, mark, half, expected) => {
    expect(hashFraction(seeds.markSeed, visitor)).toBe(mark);
    expect(hashFraction(seeds.halfSeed, visitor)).toBe(half);
    for (const late of [true, false])
      expect(HALVES[marked([visitor], 'k', () => late).halves[0]!]).toBe(expected);
  });

  it('never have a visitor of half a marked test, in time or out of time, and all visits of a visitor together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), { maxLength: 60 }),
        fc.string({ minLength: 1 }),
        (visitors, hashKey) => {
          const [inTime, late] = [
            marked(visitors, hashKey),
            marked(visitors, hashKey, (row) => row % 2 === 0),
          ];
          expect(late.halves).toEqual(inTime.halves);
          expect(marked(visitors, `${hashKey}'`).halves).toEqual(inTime.halves);
          visitors.forEach((visitor, row) => {
            if (MARKS[inTime.marks[row]!] === 'test') expect(HALVES[inTime.halves[row]!]).toBe('b');
            expect(inTime.halves[row]).toBe(inTime.halves[visitors.indexOf(visitor)]);
          });
        },
      ),
    );
  });

  it('go by the visit where the visitor is unknown', () => {
    expect(marked([null, null, null]).halves).toEqual(marked(['visit 0', 'visit 1', 'visit 2']).halves);
  });

  it('hold 40 % and 60 % of the visitors, independently of train and validation', () => {
    const { marks, halves } = marked(Array.from({ length: 20_000 }, (_, row) => `v${row}`));
    const share = (isOne: (row: number) => boolean) => {
      const of = [...halves.keys()].filter(isOne);
      return { share: of.filter((row) => HALVES[halves[row]!] === 'a').length / of.length, rows: of.length };
    };
    const parts = [
      { expected: 0.4, ...share(() => true) },
      { expected: 0.5, ...share((row) => MARKS[marks[row]!] === 'train') },
      { expected: 0.5, ...share((row) => MARKS[marks[row]!] === 'validation') },
    ];
    // Four standard errors.
    for (const { expected, share: found, rows } of parts)
      expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / rows));
  });
});
