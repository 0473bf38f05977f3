import { BadInputError } from '@factory/domain';

const CANDIDATES = [';', ',', '\t', '|'];

/**
 * The delimiter of a file, by its first line: the candidate that stands there most often outside of quotes.
 *
 * @throws BadInputError `no-delimiter`
 */
export function findDelimiter(firstLine: string, file: string): string {
  const bare = firstLine.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = CANDIDATES.map((one) => bare.split(one).length - 1);
  const most = Math.max(...counts);
  const found = CANDIDATES[counts.indexOf(most)];
  if (found !== undefined && most > 0) return found;
  throw new BadInputError('no-delimiter', {
    field: file,
    value: firstLine,
    todo: 'name the character between its columns with --delimiter',
  });
}
