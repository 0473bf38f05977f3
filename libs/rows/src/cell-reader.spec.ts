import fc from 'fast-check';
import { cellReader, cellValue, withOwnRules, type OwnRules, type ReadingRules } from './cell-reader';
import { MISSING_MARKS } from './missing-marks';
import { DECIMALS, THOUSANDS } from './number-notation';

/** Formats a number as a person writes it: digits in groups, with a decimal separator. */
function written(value: number, decimal: string, thousands: string): string {
  const [whole = '', decimals] = Math.abs(value).toFixed(2).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, thousands);
  return `${value < 0 ? '-' : ''}${grouped}${decimal}${decimals ?? ''}`;
}

describe('numbers', () => {
  it('are read back in every notation, with percent and currency signs', () => {
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
  ])('%j is not a number unless configured', (text) => {
    expect(cellReader().number(text)).toBeUndefined();
  });

  it.each(['1,23', '1,2345', '12,345,67', ',123', '1,,234', '1.234,5'])(
    '%j is not a number if commas group digits',
    (text) => {
      expect(cellReader({ thousands: ',' }).number(text)).toBeUndefined();
    },
  );

  it('never use one character for both separators', () => {
    expect(() => cellReader({ decimal: ',', thousands: ',' })).toThrow(
      expect.objectContaining({ code: 'same-separators' }),
    );
    expect(() => cellReader({ thousands: '.' })).toThrow(
      expect.objectContaining({ code: 'same-separators' }),
    );
  });
});

describe('marks for unknown', () => {
  it.each(MISSING_MARKS)('%j is one, ignoring case and surrounding blanks', (mark) => {
    const { isMissing } = cellReader();
    expect([mark, mark.toUpperCase(), ` ${mark}\t`].map(isMissing)).toEqual([true, true, true]);
  });

  it.each([
    ...[
      '',
      ' ',
      '?',
      '-',
      '--',
      '---',
      '\u2013',
      '\u2014',
      '.',
      '..',
      'NA',
      'na',
      'N/A',
      'n.a.',
      '#N/A',
      '<NA>',
      'NaN',
      '-nan',
      'NaT',
    ],
    ...['NULL', 'null', '(null)', '\\N', 'None', 'none', '#DIV/0!', '#VALUE!', '#REF!', '1.#IND'],
  ])('%j is unknown, as documented', (text) => {
    expect(cellReader().isMissing(text)).toBe(true);
  });

  it.each(['0', 'unknown', 'no', 'n', 'nah', '-1', '#', 'nanana', '...', 'x'.repeat(100)])(
    '%j is not unknown',
    (text) => {
      expect(cellReader().isMissing(text)).toBe(false);
    },
  );

  it('can be extended', () => {
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

describe('marks for unknown that are numbers', () => {
  it.each<[string, string, boolean, ReadingRules?]>([
    ['-999', '-999.0', true],
    ['-999', ' -999.00 ', true],
    ['-999.0', '-999', true],
    ['-999', '-9.99e2', true],
    ['-999', '\u2212999', true],
    ['999', '+999', true],
    ['0', '0.0', true],
    ['0', '-0', true],
    ['1e5', '100000', true],
    ['9999', '9,999', true, { thousands: ',' }],
    ['-1', '-1,0', true, { decimal: ',' }],
    ['-1,0', '-1', true, { decimal: ',' }],
    ['-999', '-998.999', false],
    ['-999', '999', false],
    ['-999', '-999 %', false],
    ['999', '$999', false],
    ['7', '007', false],
    ['007', '7', false],
    ['007', '007', true],
    ['-1', '-1,0', false],
    ['99', 'x99', false],
  ])('%j matches %j: %s', (mark, cell, isMet, rules = {}) => {
    const reader = cellReader({ ...rules, missing: [mark] });
    expect(reader.isMissing(cell)).toBe(isMet);
    expect(reader.unmatchedMarks()).toEqual(isMet ? [] : [mark]);
  });

  it('are listed if no cell matched them', () => {
    const reader = cellReader({ missing: ['-999', 'k. A.', 'unknown'] });
    for (const cell of ['-999.0', 'K. a.', 'NA', '5']) reader.isMissing(cell);
    expect(reader.unmatchedMarks()).toEqual(['unknown']);
  });
});

describe("a command's options in addition to the source's rules", () => {
  const german = { decimal: ',', thousands: '.' } as const;
  const english = { thousands: ',' } as const;
  it.each<[ReadingRules, OwnRules, ReadingRules]>([
    [german, {}, german],
    [german, { decimal: '.' }, { decimal: '.' }],
    [german, { thousands: null }, { decimal: ',' }],
    [german, { thousands: ',' }, { thousands: ',' }],
    [german, { decimal: '.', thousands: ',' }, { decimal: '.', thousands: ',' }],
    [german, { decimal: '.', thousands: null }, { decimal: '.' }],
    [german, { thousands: ' ' }, { decimal: ',', thousands: ' ' }],
    [english, { decimal: ',' }, { decimal: ',' }],
    [english, { decimal: ',', thousands: '.' }, german],
    [english, { thousands: null }, {}],
    [{}, { decimal: ',' }, { decimal: ',' }],
    [{}, { missing: ['x'] }, { missing: ['x'] }],
    [{ missing: ['y'], restMissing: ['n'] }, { missing: ['x'] }, { missing: ['x'], restMissing: ['n'] }],
    [{ missing: ['y'] }, { decimal: ',' }, { missing: ['y'], decimal: ',' }],
  ])('%j with %j is %j', (stored, own, expected) => {
    const rules = withOwnRules(stored, own);
    expect(rules).toEqual(expected);
    expect(() => cellReader(rules)).not.toThrow();
  });
});
