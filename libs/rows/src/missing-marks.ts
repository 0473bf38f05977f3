import { unitOf, type NumberReader } from './number-notation';

/**
 * Contents of unknown cells, ignoring case and surrounding blanks. The list is part of the documentation
 * (`factory import --help`): an empty cell, the marks of R, pandas, SQL exports and spreadsheets, and dashes.
 */
export const MISSING_MARKS: readonly string[] = [
  ...['', '?', '-', '--', '---', '\u2013', '\u2014', '.', '..'],
  ...['na', '<na>', 'n/a', 'n.a.', '#n/a', '#na', '#n/a n/a', 'nan', '-nan', 'nat'],
  ...['null', '(null)', '<null>', '[null]', '\\n', 'none'],
  ...['#value!', '#ref!', '#div/0!', '#num!', '#name?', '#null!'],
  ...['1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan'],
];

/** Recognises cells that are unknown. */
export interface MissingTest {
  isMissing(cell: string): boolean;
  /** Additional marks that matched no cell so far. */
  unmatched(): readonly string[];
}

/** Leading zeros make a code: 007 is not another way to write 7. */
const CODE = /^[+-]?0\d/;

/**
 * @param further additional marks; one that is a number matches all notations of it (-999.0)
 * @param number parses numbers in the notation of the file
 */
export function missingTest(further: readonly string[], number: NumberReader): MissingTest {
  const given = new Map(further.map((mark) => [folded(mark), mark]));
  const numberOf = (text: string): number | undefined =>
    CODE.test(text.trim()) || unitOf(text) !== '' ? undefined : number(text);
  const numbers = new Map<number, string>();
  for (const mark of given.keys()) {
    const value = numberOf(mark);
    if (value !== undefined) numbers.set(value, mark);
  }
  const marks = new Set([...MISSING_MARKS, ...given.keys()]);
  const longest = Math.max(...[...marks].map((mark) => mark.length));
  const unmatched = new Set(given.keys());
  const match = (mark: string): true => {
    unmatched.delete(mark);
    return true;
  };
  return {
    isMissing: (cell) => {
      // Most cells are known, and most of those are longer than any mark.
      if (cell.length <= longest || cell.trim().length <= longest) {
        const text = folded(cell);
        if (marks.has(text)) return match(text);
      }
      if (numbers.size === 0) return false;
      const value = numberOf(cell);
      const mark = value === undefined ? undefined : numbers.get(value);
      return mark !== undefined && match(mark);
    },
    unmatched: () => [...unmatched].map((mark) => given.get(mark) ?? mark),
  };
}

function folded(text: string): string {
  return text.trim().toLowerCase();
}
