import fc from 'fast-check';
import { cellReader, cellValue } from './cell-reader';
import { MISSING_MARKS } from './missing-marks';
import { DECIMALS, THOUSANDS } from './number-notation';

/** A number as a person writes it: digits in groups, decimals behind a character. */
function written(value: number, decimal: string, thousands: string): string {
  const [whole = '', decimals] = Math.abs(value).toFixed(2).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, thousands);
  return `${value < 0 ? '-' : ''}${grouped}${decimal}${decimals ?? ''}`;
}

describe('numbers', () => {
  it('are read back in every notation, with percent and currencies around', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom(...DECIMALS),
        fc.constantFrom(...THOUSANDS, undefined),
        fc.constantFrom('', '%', ' %', ' €', '$'),
        fc.boolean(),
        (hundredths, decimal, thousands, unit, behind) => {
          fc.pre(decimal !== thousands);
          const value = hundredths / 100;
          const bare = written(value, decimal, thousands ?? '');
          const text = behind || unit.includes('%') ? `${bare}${unit}` : `${unit.trim()}${bare}`;
          expect(cellReader({ decimal, thousands }).number(text)).toBe(value);
        },
      ),
    );
  });

  it.each([
    ['1,5'],
    ['1,234'],
    ['Infinity'],
    ['inf'],
    ['NaN'],
    ['1e39'],
    ['1e400'],
    ['0x1F'],
    ['0b1'],
    ['1_000'],
    ['12 kg'],
    ['1 2'],
    ['--1'],
    ['1e'],
    ['e5'],
    ['.'],
    ['+'],
    ['%'],
    ['$'],
    ['5%%'],
    ['1.2.3'],
    ['(5)'],
    ['٣'],
    ['1/2'],
    ['true'],
  ])('%j is none unless something is said of it', (text) => {
    expect(cellReader().number(text)).toBeUndefined();
  });

  it.each(['1,23', '1,2345', '12,345,67', ',123', '1,,234', '1.234,5'])(
    '%j is none where commas group digits',
    (text) => {
      expect(cellReader({ thousands: ',' }).number(text)).toBeUndefined();
    },
  );

  it('never have one character for two things', () => {
    expect(() => cellReader({ decimal: ',', thousands: ',' })).toThrow(
      expect.objectContaining({ code: 'same-separators' }),
    );
    expect(() => cellReader({ thousands: '.' })).toThrow(
      expect.objectContaining({ code: 'same-separators' }),
    );
  });
});

describe('marks for unknown', () => {
  it.each(MISSING_MARKS)('%j is one in any case, with blanks around it', (mark) => {
    const { isMissing } = cellReader();
    expect([mark, mark.toUpperCase(), ` ${mark}\t`].map(isMissing)).toEqual([true, true, true]);
  });

  it.each([
    ...['', ' ', '?', '-', '--', '.', '..', 'NA', 'na', 'N/A', 'n.a.', '#N/A', '<NA>', 'NaN', '-nan', 'NaT'],
    ...['NULL', 'null', '(null)', '\\N', 'None', 'none', '#DIV/0!', '#VALUE!', '#REF!', '1.#IND'],
  ])('%j is unknown, as documented', (text) => {
    expect(cellReader().isMissing(text)).toBe(true);
  });

  it.each(['0', 'unknown', 'no', 'n', 'nah', '-1', '#', 'nanana', '...', 'x'.repeat(100)])(
    '%j is none',
    (text) => {
      expect(cellReader().isMissing(text)).toBe(false);
    },
  );

  it('may be added to', () => {
    const reader = cellReader({ missing: ['-999', 'k. A.'] });
    expect(['-999', ' K. a. ', 'NA', '-99'].map((cell) => reader.isMissing(cell))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(cellValue(reader, '-999', 'number')).toBeNull();
    expect(cellValue(reader, ' red ', 'category')).toBe('red');
  });
});
