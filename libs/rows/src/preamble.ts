import { rowTooLong, type FileLimits } from './file-limits';

const LINE_END = /\r\n|\n|\r/g;
const SEPARATOR_LINE = /^"?sep=(.)"?$/i;
const COMMENT = '#';
/** Characters that are taken up together. */
const READ_AT_ONCE = 65_536;

/** The part of a file up to its header. */
export interface Preamble {
  /** Declared by a line `sep=;`, as spreadsheets write it. */
  readonly delimiter: string | undefined;
  /** Lines before the header: empty ones, comments and `sep=`. */
  readonly skippedLines: number;
  /** The line of the header; empty = the file has none. */
  readonly headerLine: string;
  /** The text from the header on. */
  readonly rest: AsyncIterable<string>;
}

/**
 * Reads up to the header. Lines that begin with `#` are comments, unless the line has as many columns as the
 * line after the comments: then it is the header itself, and `#` is part of the first column's name.
 *
 * @param columnsOf number of columns of a line
 * @throws BadInputError `row-too-long` where header, comments and empty lines have more characters than a row may have
 */
export async function readPreamble(
  text: AsyncGenerator<string>,
  columnsOf: (line: string) => number,
  file: string,
  limits: FileLimits,
): Promise<Preamble> {
  const lines = new Lines(text, file, limits);
  let delimiter: string | undefined;
  let skippedLines = 0;
  const comments: { line: string; from: number }[] = [];
  for (;;) {
    const line = await lines.next();
    if (line === undefined) break;
    const said = skippedLines === comments.length ? SEPARATOR_LINE.exec(line.trim())?.[1] : undefined;
    if (said !== undefined) delimiter = said;
    else if (line.startsWith(COMMENT)) comments.push({ line, from: lines.start });
    else if (line.trim() !== '') {
      const last = comments.at(-1);
      const isHeader =
        last !== undefined && columnsOf(last.line) > 1 && columnsOf(last.line) === columnsOf(line);
      const headerLine = isHeader ? last.line : line;
      const rest = lines.from(isHeader ? last.from : lines.start);
      return { delimiter, skippedLines: isHeader ? skippedLines - 1 : skippedLines, headerLine, rest };
    }
    skippedLines++;
  }
  const last = comments.at(-1);
  const only = last !== undefined && columnsOf(last.line) > 1 ? last : undefined;
  return { delimiter, skippedLines, headerLine: only?.line ?? '', rest: lines.from(only?.from ?? Infinity) };
}

/**
 * Takes lines from the beginning of a text; everything that was read is kept, so that it can be returned again. Text
 * is taken up in large pieces, however small those are that it comes in: each is looked at a few times only.
 */
class Lines {
  /** Start of the line that was taken last. */
  start = 0;
  private read = '';
  private end = 0;
  private ended = false;

  constructor(
    private readonly text: AsyncGenerator<string>,
    private readonly file: string,
    private readonly limits: FileLimits,
  ) {}

  /** @throws BadInputError `row-too-long` */
  async next(): Promise<string | undefined> {
    for (;;) {
      LINE_END.lastIndex = this.end;
      const found = LINE_END.exec(this.read);
      // A carriage return at the end of what was read may be half of a line end.
      if (found && (this.ended || LINE_END.lastIndex < this.read.length || found[0] !== '\r'))
        return this.take(found.index, LINE_END.lastIndex);
      if (this.ended)
        return this.end < this.read.length ? this.take(this.read.length, this.read.length) : undefined;
      if (this.read.length > this.limits.rowCharacters) throw rowTooLong(`${this.file}, header`, this.limits);
      await this.readMore();
    }
  }

  /** The text from a position on. */
  async *from(place: number): AsyncGenerator<string> {
    yield this.read.slice(place);
    if (!this.ended) yield* this.text;
  }

  private async readMore(): Promise<void> {
    const pieces: string[] = [];
    for (let characters = 0; characters < READ_AT_ONCE;) {
      const next = await this.text.next();
      if (next.done) {
        this.ended = true;
        break;
      }
      pieces.push(next.value);
      characters += next.value.length;
    }
    this.read += pieces.join('');
  }

  private take(end: number, next: number): string {
    this.start = this.end;
    this.end = next;
    return this.read.slice(this.start, end);
  }
}
