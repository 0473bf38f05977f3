const LINE = /^([^\r\n]*)(\r\n|\n|\r)/;
const SEPARATOR_LINE = /^"?sep=(.)"?$/i;
const COMMENT = '#';
/** Maximum length of a line before the header. */
const MOST_CHARACTERS = 1_000_000;

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
 */
export async function readPreamble(
  text: AsyncGenerator<string>,
  columnsOf: (line: string) => number,
): Promise<Preamble> {
  const lines = new Lines(text);
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
 * Takes lines from the beginning of a text; everything that was read is kept, so that it can be returned again.
 */
class Lines {
  /** Start of the line that was taken last. */
  start = 0;
  private read = '';
  private end = 0;
  private ended = false;

  constructor(private readonly text: AsyncGenerator<string>) {}

  async next(): Promise<string | undefined> {
    for (;;) {
      const left = this.read.slice(this.end);
      const [whole, line] = LINE.exec(left) ?? [];
      const isWhole =
        whole !== undefined && (this.ended || !whole.endsWith('\r') || whole.length < left.length);
      if (whole !== undefined && isWhole) return this.take(whole.length, line ?? '');
      if (this.ended || left.length > MOST_CHARACTERS) {
        return left === '' ? undefined : this.take(left.length, left);
      }
      const next = await this.text.next();
      if (next.done) this.ended = true;
      else this.read += next.value;
    }
  }

  /** The text from a position on. */
  async *from(place: number): AsyncGenerator<string> {
    yield this.read.slice(place);
    if (!this.ended) yield* this.text;
  }

  private take(characters: number, line: string): string {
    this.start = this.end;
    this.end += characters;
    return line;
  }
}
