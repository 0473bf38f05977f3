import { BadInputError, foldedName } from '@factory/domain';

/**
 * Which of the given columns matches each of the model's: the one with exactly that name, otherwise the only
 * one whose name differs only in case, accents or surrounding blanks. Columns without a match are absent.
 *
 * @throws BadInputError `ambiguous-column` if several differ only in these and none is exact
 */
export function matchColumns(wanted: Iterable<string>, given: Iterable<string>): Map<string, string> {
  const exact = new Set(given);
  const names = new Set(wanted);
  const folded = new Map<string, string[]>();
  // A column that matches a name exactly matches no other name.
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
        todo: 'leave only one of them in the rows, or name it exactly as in the model',
      });
    }
    matched.set(name, first);
  }
  return matched;
}
