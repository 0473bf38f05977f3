import { decimalOf, delimiterOf, separatorWord, thousandsOf } from './separators';

describe('separators by words and by characters', () => {
  it.each([
    [';', ';'],
    ['semicolon', ';'],
    ['Semicolon', ';'],
    [',', ','],
    ['comma', ','],
    ['\t', '\t'],
    ['tab', '\t'],
    ['TAB', '\t'],
    ['\\t', '\t'],
    ['|', '|'],
    ['pipe', '|'],
    [':', ':'],
    ['colon', ':'],
    [' ', ' '],
    ['space', ' '],
    ['~', '~'],
    ['\u0001', '\u0001'],
  ])('%j between columns is %j', (text, character) => {
    expect(delimiterOf(text)).toBe(character);
  });

  it.each(['', ';;', 'semi', '"', '\n', 'constructor'])('%j is not a delimiter', (text) => {
    expect(() => delimiterOf(text)).toThrow(expect.objectContaining({ code: 'invalid-delimiter' }));
  });

  it('of decimals and of groups are from a short list', () => {
    expect(['comma', ',', 'dot', '.', 'point'].map(decimalOf)).toEqual([',', ',', '.', '.', '.']);
    expect(['comma', 'dot', 'space', ' ', 'apostrophe', "'", '_'].map(thousandsOf)).toEqual([
      ...[',', '.', ' ', ' ', "'", "'", '_'],
    ]);
    expect(['none', 'None', 'underscore'].map(thousandsOf)).toEqual([null, null, '_']);
    for (const one of [',', '.', ' ', "'", '_'] as const) expect(thousandsOf(separatorWord(one))).toBe(one);
    expect(() => decimalOf(';')).toThrow(expect.objectContaining({ code: 'invalid-decimal' }));
    expect(() => thousandsOf(';')).toThrow(expect.objectContaining({ code: 'invalid-thousands' }));
  });
});
