import fc from 'fast-check';
import { TextColumn } from './text-column';

/** A column of texts that arrive a few at a time. */
function columnOf(texts: readonly string[], pieceRows: number): TextColumn {
  const column = new TextColumn();
  for (let from = 0; from < texts.length; from += pieceRows) {
    const bytes = texts.slice(from, from + pieceRows).map((text) => Buffer.from(text, 'utf8'));
    const offsets = new Int32Array(bytes.length + 1);
    bytes.forEach((one, at) => (offsets[at + 1] = (offsets[at] ?? 0) + one.length));
    column.add(offsets, Buffer.concat(bytes));
  }
  return column;
}

describe('numbers of equal texts', () => {
  it('are those of a map, whatever the texts, the rows, and the pieces that they came in', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', 'ß', '東京'), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.boolean()), { maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        (drawn, pieceRows) => {
          const texts = drawn.map(([one]) => one);
          const rows = Uint32Array.from(texts.keys()).filter((row) => drawn[row]?.[1] ?? false);
          const numbers = new Map<string, number>();
          const wanted = Array.from(rows, (row) => {
            const of = texts[row] ?? '';
            if (!numbers.has(of)) numbers.set(of, numbers.size);
            return numbers.get(of);
          });
          expect([...columnOf(texts, pieceRows).groupNumbers(rows)]).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });
});
