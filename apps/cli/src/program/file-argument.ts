import { existsSync } from 'node:fs';
import { BadInputError } from '@factory/domain';

/**
 * The file argument of a command. An option with several values also consumes a file that comes last; this finds it
 * there and removes it from the option.
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
      ? 'put the file before the options that take several values: these were read as values of one, and none of them is a file'
      : 'name the file',
  });
}
