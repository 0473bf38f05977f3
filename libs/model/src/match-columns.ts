import { BadInputError } from '@factory/domain';

/**
 * Which of the given columns stands for each of the model's: the one of that very name, else the only one that
 * differs from it by case or blanks around it alone. Columns that are not there are absent.
 *
 * @throws BadInputError `ambiguous-column` where several differ by case alone and none is exact
 */
export function matchColumns(wanted: Iterable<string>, given: Iterable<string>): Map<string, string> {
  const exact = new Set(given);
  const folded = new Map<string, string[]>();
  for (const name of exact) folded.set(fold(name), [...(folded.get(fold(name)) ?? []), name]);
  const matched = new Map<string, string>();
  for (const name of wanted) {
    if (exact.has(name)) {
      matched.set(name, name);
      continue;
    }
    const [first, ...more] = folded.get(fold(name)) ?? [];
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

function fold(name: string): string {
  return name.trim().toLowerCase();
}
