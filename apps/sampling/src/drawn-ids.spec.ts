import { compareBytes } from '@factory/domain';
import fc from 'fast-check';
import { mergeStrata } from './drawn-ids';
import { orderByBytes } from './sort-by-bytes';

describe('orderByBytes', () => {
  it('is the order of UTF-8, not of UTF-16', () => {
    const ids = ['😀', '\uffee', 'b', '10', '9', 'a', 'é'];
    const bytes = Array.from(orderByBytes(ids), (at) => ids[at]);
    expect(bytes).toEqual(['10', '9', 'a', 'b', 'é', '\uffee', '😀']);
    expect([...ids].sort()).not.toEqual(bytes);
  });

  it('is that of compareBytes for any ids', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text), (ids) => {
        const sorted = Array.from(orderByBytes(ids), (at) => ids[at]);
        expect(sorted).toEqual([...ids].sort(compareBytes));
      }),
    );
  });
});

describe('mergeStrata', () => {
  it('orders by id and keeps each row its class, part and weight', () => {
    const merged = mergeStrata([
      { part: 'training', label: 1, ids: ['20', '3'], weight: 1 },
      { part: 'training', label: 0, ids: ['100'], weight: 12.375 },
      { part: 'out-of-time', label: 1, ids: [], weight: 1 },
      { part: 'out-of-time', label: 0, ids: ['5', '1'], weight: 2 },
    ]);
    expect(merged).toEqual({
      ids: ['1', '100', '20', '3', '5'],
      labels: Uint8Array.of(0, 0, 1, 1, 0),
      weights: Float64Array.of(2, 12.375, 1, 1, 2),
      outOfTime: Uint8Array.of(1, 0, 0, 0, 1),
    });
  });

  it('refuses an id that was drawn twice', () => {
    const stratum = (ids: string[]) => ({ part: 'training', label: 0, ids, weight: 1 }) as const;
    expect(() => mergeStrata([stratum(['7', '8']), stratum(['8'])])).toThrow(/visit 8 stands more than once/);
  });
});
