import { resultText } from './result-text.mjs';
import { cellText, rowsText } from './rows-text.mjs';

describe('a cell', () => {
  it('is short: four significant digits, no decimals in large numbers', () => {
    expect([0.123456, 12.3456, 123.456, 1234.5].map(cellText)).toEqual(['0.1235', '12.35', '123', '1235']);
  });

  it('is a whole number or a text unchanged, and a dash if nothing was measured', () => {
    expect([1_120_000, 'kept', true, null, undefined].map(cellText)).toEqual([
      '1120000',
      'kept',
      'true',
      '-',
      '-',
    ]);
  });
});

describe('a result', () => {
  it('has a column for each field of the first row', () => {
    const text = rowsText([
      { stage: 'sampling', seconds: 1.23456 },
      { stage: 'trials', seconds: null },
    ]);
    expect(text).toMatch(/│ stage +│ seconds │/);
    expect(text).toMatch(/│ sampling │ 1\.235 +│/);
    expect(text).toMatch(/│ trials +│ - +│/);
  });

  it('ends with the missed targets', () => {
    const text = resultText({
      rows: [],
      tables: [{ title: 'further', rows: [{ a: 1 }] }],
      ratios: { 'large to small': 1.25 },
      notes: ['as measured'],
      faults: ['large: too slow'],
    });
    expect(text).toContain('\nfurther\n');
    expect(text).toContain('large to small: 1.250 times\n\nas measured\n\nNOT ENOUGH: large: too slow');
  });
});
