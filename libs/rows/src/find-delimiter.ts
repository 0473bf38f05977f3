import { BadInputError } from '@factory/domain';

const CANDIDATES = [';', ',', '\t', '|'];

/**
 * Detects the delimiter of a file from its first line: the candidate that occurs most often outside quotes.
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

/** Number of columns of a line, by the given delimiter or by the candidate with the most. */
export function columnsIn(line: string, delimiter?: string): number {
  const candidates = delimiter === undefined ? CANDIDATES : [delimiter];
  return 1 + Math.max(...candidates.map((one) => timesIn(line, one)));
}

function timesIn(line: string, delimiter: string): number {
  return line.replaceAll(/"(?:[^"]|"")*"/g, '').split(delimiter).length - 1;
}
