import { BadInputError } from '@factory/domain';

const CANDIDATES = [';', ',', '\t', '|'];

/**
 * The delimiter of a file, by its first line: the candidate that is there most often outside of quotes.
 *
 * @throws BadInputError `no-delimiter`
 */
export function findDelimiter(firstLine: string, file: string): string {
  const counts = CANDIDATES.map((one) => timesIn(firstLine, one));
  const most = Math.max(...counts);
  const found = CANDIDATES[counts.indexOf(most)];
  if (found !== undefined && most > 0) return found;
  throw new BadInputError('no-delimiter', {
    field: file,
    value: firstLine,
    todo: 'name the character between its columns with --delimiter (comma, semicolon, tab, pipe, or the character)',
  });
}

/** Columns of a line, by one delimiter or by the candidate that makes most. */
export function columnsIn(line: string, delimiter?: string): number {
  const candidates = delimiter === undefined ? CANDIDATES : [delimiter];
  return 1 + Math.max(...candidates.map((one) => timesIn(line, one)));
}

function timesIn(line: string, delimiter: string): number {
  return line.replaceAll(/"(?:[^"]|"")*"/g, '').split(delimiter).length - 1;
}
