import { PackedTexts, compareBytes } from '@factory/domain';
import fc from 'fast-check';
import { mergeStrata, type Stratum } from './drawn-ids';
import { orderByBytes } from './sort-by-bytes';

const sorted = (ids: readonly string[]) =>
  Array.from(orderByBytes(PackedTexts.from(ids).parts), (at) => ids[at]);

describe('orderByBytes', () => {
  it('is the order of UTF-8, not of UTF-16', () => {
    const ids = ['😀', '\uffee', 'b', '10', '9', 'a', 'é'];
    expect(sorted(ids)).toEqual(['10', '9', 'a', 'b', 'é', '\uffee', '😀']);
    expect([...ids].sort()).not.toEqual(sorted(ids));
  });

  it.each([
    ['ids of a few characters in any language', fc.string({ unit: 'grapheme', maxLength: 4 })],
    ['numbers', fc.nat().map(String)],
    ['uuids', fc.uuid()],
    ['ids that are prefixes of others', fc.string({ unit: fc.constantFrom('\0', 'a'), maxLength: 9 })],
  ])('is that of compareBytes: %s', (_case, text) => {
    fc.assert(
      fc.property(fc.array(text), (ids) => {
        expect(sorted(ids)).toEqual([...ids].sort(compareBytes));
      }),
    );
  });
});

describe('mergeStrata', () => {
  const merge = (strata: readonly (Omit<Stratum, 'ids'> & { ids: string[] })[]) =>
    mergeStrata(
      strata.map((one) => ({ ...one, ids: PackedTexts.from(one.ids) })),
      (texts) => Promise.resolve(orderByBytes(texts)),
    );

  it('orders by id and keeps class, part and weight of each row', async () => {
    const { ids, ...merged } = await merge([
      { part: 'training', label: 1, ids: ['20', '3'], weight: 1 },
      { part: 'training', label: 0, ids: ['100'], weight: 12.375 },
      { part: 'out-of-time', label: 1, ids: [], weight: 1 },
      { part: 'out-of-time', label: 0, ids: ['5', '1'], weight: 2 },
    ]);
    expect([...PackedTexts.ofConsecutive(ids)]).toEqual(['1', '100', '20', '3', '5']);
    expect(merged).toEqual({
      labels: Uint8Array.of(0, 0, 1, 1, 0),
      weights: Float64Array.of(2, 12.375, 1, 1, 2),
      outOfTime: Uint8Array.of(1, 0, 0, 0, 1),
    });
  });

  it('refuses an id that was drawn twice, but not one that only shares a prefix', async () => {
    const stratum = (ids: string[]) => ({ part: 'training', label: 0, ids, weight: 1 }) as const;
    await expect(merge([stratum(['7', '8', '81']), stratum(['8'])])).rejects.toThrow(
      /visit 8 occurs more than once/,
    );
    await expect(merge([stratum(['7', '77', '78', '87', '8'])])).resolves.toBeDefined();
  });
});
