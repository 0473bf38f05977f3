/** The notation of numbers: decimal separator, and separator between groups of digits. */
export interface NumberNotation {
  readonly decimal: Decimal;
  /** Absent = digits are not grouped. */
  readonly thousands?: Thousands | undefined;
}

export const DECIMALS = ['.', ','] as const;
export type Decimal = (typeof DECIMALS)[number];
export const THOUSANDS = [',', '.', ' ', "'", '_'] as const;
export type Thousands = (typeof THOUSANDS)[number];

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
/** All variants of the grouping character: spreadsheets use non-breaking blanks and typographic quotes. */
const GROUPING: Readonly<Record<Thousands, string>> = {
  ',': ',',
  '.': '\\.',
  ' ': '[ \\u00a0\\u2009\\u202f]',
  "'": "['\\u2019]",
  _: '_',
};
const AFFIXES = /^([+-]?)(\p{Sc}?)\s*([+-]?)(.*?)\s*(%|‰|\p{Sc})?$/su;
const MINUS = /^[\u2212\u2012\u2013]/;

/**
 * Parses one number; undefined = the text is not one. A percent or currency sign is ignored (`12 %` is 12, `$5`
 * is 5); numbers beyond float32, the dataset's type, are refused.
 */
export type NumberReader = (text: string) => number | undefined;

export function numberReader({ decimal, thousands }: NumberNotation): NumberReader {
  const pattern = patternOf(decimal, thousands);
  const groups = thousands === undefined ? undefined : new RegExp(GROUPING[thousands], 'gu');
  const isPlain = decimal === '.';
  const bare = (text: string): number | undefined => {
    if (!pattern.test(text)) return undefined;
    const ungrouped = groups === undefined ? text : text.replaceAll(groups, '');
    return finite(Number(isPlain ? ungrouped : ungrouped.replace(',', '.')));
  };
  return (text) => {
    const trimmed = text.trim();
    if (isPlain && PLAIN.test(trimmed)) return finite(Number(trimmed));
    // A number has a digit; most other cells are words and are refused here.
    if (!/\d/.test(trimmed)) return undefined;
    return bare(trimmed) ?? bare(withoutAffixes(trimmed));
  };
}

/** The percent or currency sign of a number; empty if there is none. */
export function unitOf(text: string): string {
  const trimmed = text.trim();
  const last = trimmed.charCodeAt(trimmed.length - 1);
  const first = trimmed.charCodeAt(0);
  if (isDigit(first) && isDigit(last)) return '';
  const [, , before = '', , , after = ''] = AFFIXES.exec(trimmed) ?? [];
  return before + after;
}

function withoutAffixes(text: string): string {
  const [, sign = '', , innerSign = '', rest = ''] = AFFIXES.exec(text.replace(MINUS, '-')) ?? [];
  return sign + innerSign + rest;
}

function patternOf(decimal: Decimal, thousands: Thousands | undefined): RegExp {
  const point = decimal === '.' ? '\\.' : ',';
  const group = thousands === undefined ? '' : GROUPING[thousands];
  // Commas also group in the Indian way: 12,34,567.
  const inner = thousands === ',' ? `(?:${group}\\d{2,3})*${group}\\d{3}` : `(?:${group}\\d{3})+`;
  const whole = thousands === undefined ? '\\d+' : `(?:\\d{1,3}${inner}|\\d+)`;
  return new RegExp(`^[+-]?(?:${whole}(?:${point}\\d*)?|${point}\\d+)(?:e[+-]?\\d{1,3})?$`, 'iu');
}

function finite(value: number): number | undefined {
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
