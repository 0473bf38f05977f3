import { rowWriter } from './row-writer';

describe('a CSV for spreadsheets', () => {
  const cellsOf = (value: string | number | null): [plain: string, safe: string] => {
    const write = (spreadsheet: boolean) => rowWriter('csv', ['a'], ',', spreadsheet).row({ a: value });
    return [write(false).slice(0, -1), write(true).slice(0, -1)];
  };

  it.each([
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("http://evil")', `"'=HYPERLINK(""http://evil"")"`],
    ['+cmd', "'+cmd"],
    ['-cmd', "'-cmd"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
  ])('makes %j text', (value, safe) => {
    expect(cellsOf(value)[1]).toBe(safe);
    expect(cellsOf(value)[0]).not.toContain("'");
  });

  it.each(['-3.5', '+4', '-1.234,5', '-.5', '-2e-3', '-12 %', 'a=b', "'x", '2024-01-01', ''])(
    'leaves %j',
    (value) => {
      const [plain, safe] = cellsOf(value);
      expect(safe).toBe(plain);
    },
  );

  it('leaves numbers and unknown values, and makes the names of columns text', () => {
    expect([cellsOf(-3)[1], cellsOf(null)[1]]).toEqual(['-3', '']);
    expect(rowWriter('csv', ['=a', 'b'], ',', true).begin).toBe("'=a,b\n");
  });
});
