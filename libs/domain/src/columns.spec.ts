import { MARKS, markOf, rowsOf } from './columns';

describe('the mark of a visitor', () => {
  it.each([
    [0, 'test'],
    [0.2 - 2 ** -52, 'test'],
    [0.2, 'validation'],
    [0.36 - 2 ** -52, 'validation'],
    [0.36, 'train'],
    [1 - 2 ** -52, 'train'],
  ])('by the hash %d is %s', (fraction, mark) => expect(markOf(fraction)).toBe(mark));

  it('splits the visitors 20 : 16 : 64', () => {
    const marks = Array.from({ length: 10_000 }, (_, index) => markOf((index + 0.5) / 10_000));
    const countOf = (mark: string): number => marks.filter((one) => one === mark).length;
    expect(['test', 'validation', 'train', 'out-of-time'].map(countOf)).toEqual([2_000, 1_600, 6_400, 0]);
  });
});

describe('the rows of a mark', () => {
  // Datasets store marks as indices into this list: reordering it would change the meaning of stored datasets.
  const codes = Object.fromEntries(MARKS.map((mark, code) => [mark, code]));
  const marks = Uint8Array.from([0, 3, 0, 1, 2, 0, 3, 1]);

  it('are coded train 0, validation 1, test 2, out-of-time 3', () => {
    expect(codes).toEqual({ train: 0, validation: 1, test: 2, 'out-of-time': 3 });
  });

  it('are returned in order, and every row has one mark', () => {
    expect(MARKS.map((mark) => [...rowsOf({ rows: 8, marks }, mark)])).toEqual([
      [0, 2, 5],
      [3, 7],
      [4],
      [1, 6],
    ]);
  });

  it('are empty if no row has it, and never exceed the row count', () => {
    expect(rowsOf({ rows: 0, marks: new Uint8Array(0) }, 'train')).toEqual(new Uint32Array(0));
    expect([...rowsOf({ rows: 3, marks }, 'out-of-time')]).toEqual([1]);
  });
});
