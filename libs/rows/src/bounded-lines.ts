import { rowTooLong, type FileLimits } from './file-limits';

const LINE_END = /\r\n|\n|\r/g;

/**
 * The lines of a text that arrives in pieces, without their ends; at most one line is in memory.
 *
 * @throws BadInputError `row-too-long`; what `text` throws
 */
export async function* boundedLines(
  text: AsyncIterable<string>,
  file: string,
  limits: FileLimits,
): AsyncGenerator<string> {
  let pieces: string[] = [];
  let characters = 0;
  let line = 1;
  let endedByReturn = false;
  for await (const given of text) {
    const piece = endedByReturn && given.startsWith('\n') ? given.slice(1) : given;
    if (given !== '') endedByReturn = given.endsWith('\r');
    let from = 0;
    for (const found of piece.matchAll(LINE_END)) {
      pieces.push(piece.slice(from, found.index));
      characters += found.index - from;
      check();
      yield pieces.join('');
      pieces = [];
      characters = 0;
      line++;
      from = found.index + found[0].length;
    }
    pieces.push(piece.slice(from));
    characters += piece.length - from;
    check();
  }
  if (characters > 0) yield pieces.join('');

  function check(): void {
    if (characters > limits.rowCharacters) throw rowTooLong(`${file} line ${line}`, limits);
  }
}
