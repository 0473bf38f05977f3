import fc from 'fast-check';
import { PackedTexts } from './packed-texts';

const text = fc.option(fc.string({ unit: 'grapheme', maxLength: 40 }), { nil: null });
const texts = fc.array(text, { maxLength: 60 });

describe('packed texts', () => {
  it('are the texts that were set, in any order', () => {
    fc.assert(
      fc.property(texts, fc.nat(), (given, turn) => {
        const packed = PackedTexts.ofRows(given.length);
        for (let at = 0; at < given.length; at++) {
          const row = (at + turn) % given.length;
          packed.set(row, given[row]!);
        }
        expect([...packed]).toEqual(given);
        expect([...PackedTexts.of(structuredClone(packed.parts))]).toEqual(given);
        expect(packed.slice(1, 7)).toEqual(given.slice(1, 7).map((one) => one ?? ''));
        expect([...packed.head(2)]).toEqual(given.slice(0, 2));
      }),
    );
  });

  it('are joined row after row', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 4 }), (parts) => {
        expect([...PackedTexts.joined(parts.map((part) => PackedTexts.from(part)))]).toEqual(parts.flat());
      }),
    );
  });

  it('can be listed in another order', () => {
    fc.assert(
      fc.property(texts, (given) => {
        const order = Uint32Array.from(given.keys()).reverse();
        const consecutive = PackedTexts.from(given).inOrder(order);
        const wanted = [...given].reverse().map((one) => one ?? '');
        expect([...PackedTexts.ofConsecutive(consecutive)]).toEqual(wanted);
        expect(Buffer.from(consecutive.bytes).toString('utf8')).toBe(wanted.join(''));
      }),
    );
  });
});
