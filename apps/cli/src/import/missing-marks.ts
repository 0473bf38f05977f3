/**
 * What a cell says when nobody knows, in any case and with any blanks around it. The list is part of the documentation
 * (README, `factory import --help`): an empty cell, what R, pandas, SQL exports and spreadsheets write, and dashes.
 */
export const MISSING_MARKS: readonly string[] = [
  ...['', '?', '-', '--', '.', '..'],
  ...['na', '<na>', 'n/a', 'n.a.', '#n/a', '#na', '#n/a n/a', 'nan', '-nan', 'nat'],
  ...['null', '(null)', '<null>', '[null]', '\\n', 'none'],
  ...['#value!', '#ref!', '#div/0!', '#num!', '#name?', '#null!'],
  ...['1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan'],
];

/** Tells the cells that are unknown. @param further marks beside the documented ones */
export function missingTest(further: readonly string[] = []): (cell: string) => boolean {
  const marks = new Set([...MISSING_MARKS, ...further.map(folded)]);
  const longest = Math.max(...[...marks].map((mark) => mark.length));
  // Most cells are known, and most of those are told from a mark by their length or their first character.
  return (cell) => (cell.length <= longest || cell.trim().length <= longest) && marks.has(folded(cell));
}

function folded(text: string): string {
  return text.trim().toLowerCase();
}
