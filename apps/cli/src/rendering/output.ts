import { styleText } from 'node:util';
import { jsonText, printable, printableStyled } from './format';

/** The interface of the terminal or pipe that the command line writes to. */
export interface TextStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Of terminals; respects NO_COLOR and FORCE_COLOR. */
  hasColors?(): boolean;
}

export type Style = Parameters<typeof styleText>[0];

/** Data goes to stdout, messages go to stderr: so `--json` prints pure JSON, and pipes carry data only. */
export class Output {
  constructor(
    readonly stdout: TextStream,
    readonly stderr: TextStream,
  ) {}

  /** Prints the result of a command: as JSON, or as text for people. */
  show(asJson: boolean | undefined, value: unknown, text: () => string): void {
    this.stdout.write(asJson ? jsonText(value) : this.clean(this.stdout, ensureNewline(text())));
  }

  say(text: string): void {
    this.stderr.write(this.clean(this.stderr, ensureNewline(text)));
  }

  warn(text: string): void {
    this.say(`${this.style(this.stderr, 'yellow', 'warning:')} ${text}`);
  }

  /** Colours only on a terminal. */
  style(stream: TextStream, style: Style, text: string): string {
    return stream.isTTY && stream.hasColors?.() ? styleText(style, text) : text;
  }

  /** The one place where foreign text reaches a terminal or a log: names, values, reasons and messages of others. */
  private clean(stream: TextStream, text: string): string {
    return stream.isTTY && stream.hasColors?.() ? printableStyled(text) : printable(text);
  }

  /** Styles for text on stdout. */
  paint(style: Style, text: string): string {
    return this.style(this.stdout, style, text);
  }

  /** Characters a line of stdout may have; pipes have no limit. */
  get width(): number {
    return this.stdout.isTTY ? (this.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  }
}

function ensureNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
