import { existsSync } from 'node:fs';
import { BadInputError } from '@factory/domain';

/**
 * The file that a command was given. An option that takes several words takes the file as well where the file comes
 * last: it is given back.
 *
 * @throws BadInputError `missing-file`
 */
export function withFile<Options extends object>(
  given: string | undefined,
  options: Options,
): { file: string; options: Options } {
  if (given !== undefined) return { file: given, options };
  const lists = Object.entries(options).filter(
    (entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[1].length > 0,
  );
  for (const [option, words] of lists) {
    const last = words.at(-1) ?? '';
    if (existsSync(last)) return { file: last, options: { ...options, [option]: words.slice(0, -1) } };
  }
  const [first] = lists;
  throw new BadInputError('missing-file', {
    field: 'file',
    value: first ? first[1] : null,
    todo: first
      ? 'put the file before the options that take several words: these were taken as words of one, and none is a file'
      : 'name the file',
  });
}
