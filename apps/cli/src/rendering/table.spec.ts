import { renderPairs, renderTable, type Column } from './table';

interface Row {
  readonly id: string;
  readonly reason: string;
  readonly place: string;
}
const columns: Column<Row>[] = [
  { title: 'id', of: (row) => row.id, align: 'right' },
  { title: 'reason', of: (row) => row.reason, flexible: true },
  { title: 'place', of: (row) => row.place, flexible: true },
];
const rows: Row[] = [
  { id: '7', reason: 'it took far too long to end', place: 'a rather distant corner of it' },
  { id: '123', reason: 'none', place: 'here' },
];

describe('tables', () => {
  it('put one row on a line, columns below their titles', () => {
    expect(renderTable(columns, rows, { width: Number.POSITIVE_INFINITY }).split('\n')).toEqual([
      ' ID  REASON                       PLACE',
      '  7  it took far too long to end  a rather distant corner of it',
      '123  none                         here',
    ]);
  });

  it('fit the width by cutting flexible columns, the widest first, never the others', () => {
    const lines = renderTable(columns, rows, { width: 50 }).split('\n');
    expect(lines.every((line) => line.length <= 50)).toBe(true);
    expect(lines[1]).toMatch(/^ {2}7 {2}it took.*… {2}a rather.*…$/);
    const narrow = renderTable(columns, rows, { width: 10 }).split('\n');
    expect(narrow[1]).toBe('  7  it took far…  a rather di…');
  });

  it('colour after measuring, so that colours do not change the width', () => {
    const painted = columns.map((column) => ({
      ...column,
      paint: (text: string) => `\u001b[31m${text}\u001b[39m`,
    }));
    const plain = renderTable(columns, rows, { width: 60 });
    // eslint-disable-next-line no-control-regex
    const stripped = renderTable(painted, rows, { width: 60 }).replaceAll(/\u001b\[\d+m/g, '');
    const trimmed = (text: string): string[] => text.split('\n').map((line) => line.trimEnd());
    expect(trimmed(stripped)).toEqual(trimmed(plain));
  });

  it('list pairs in two columns and leave out unknown values', () => {
    expect(
      renderPairs([
        ['run', 'abc'],
        ['reason', null],
        ['outcome', 'kept'],
        ['x', ''],
      ]),
    ).toBe('run      abc\noutcome  kept');
  });
});
