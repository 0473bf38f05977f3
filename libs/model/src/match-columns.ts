import { BadInputError, foldedName } from '@factory/domain';

/**
 * Which of the given columns stands for each of the model's: the one of that very name, else the only one that
 * differs from it by case, accents or blanks around it alone. Columns that are not there are absent.
 *
 * @throws BadInputError `ambiguous-column` where several differ by these alone and none is exact
 */
export function matchColumns(wanted: Iterable<string>, given: Iterable<string>): Map<string, string> {
  const exact = new Set(given);
  const names = new Set(wanted);
  const folded = new Map<string, string[]>();
  // What stands for a column by its very name stands for no other.
  for (const name of exact) {
    if (names.has(name)) continue;
    folded.set(foldedName(name), [...(folded.get(foldedName(name)) ?? []), name]);
  }
  const matched = new Map<string, string>();
  for (const name of names) {
    if (exact.has(name)) {
      matched.set(name, name);
      continue;
    }
    const [first, ...more] = folded.get(foldedName(name)) ?? [];
    if (first === undefined) continue;
    if (more.length > 0) {
      throw new BadInputError('ambiguous-column', {
        field: name,
        value: [first, ...more],
        todo: 'leave one of them in the rows, or call it exactly as the model does',
      });
    }
    matched.set(name, first);
  }
  return matched;
}
