import { BadInputError } from '@factory/domain';
import { DECIMALS, THOUSANDS, type Decimal, type Thousands } from './number-notation';

/** Words for characters that are hard to type in a shell. */
const WORDS: Readonly<Record<string, string>> = {
  comma: ',',
  semicolon: ';',
  tab: '\t',
  '\\t': '\t',
  pipe: '|',
  colon: ':',
  space: ' ',
  blank: ' ',
  dot: '.',
  point: '.',
  period: '.',
  apostrophe: "'",
  quote: "'",
  underscore: '_',
};

/** @throws BadInputError `invalid-delimiter` */
export function delimiterOf(text: string): string {
  const character = characterOf(text);
  if ([...character].length === 1 && !/["\r\n]/.test(character)) return character;
  const todo =
    'give one character, or comma, semicolon, tab, pipe, colon or space; or leave it out to detect it';
  throw new BadInputError('invalid-delimiter', { field: 'delimiter', value: text, todo });
}

/** @throws BadInputError `invalid-decimal` */
export function decimalOf(text: string): Decimal {
  const found = DECIMALS.find((one) => one === characterOf(text));
  if (found !== undefined) return found;
  throw new BadInputError('invalid-decimal', { field: 'decimal', value: text, todo: 'give comma or dot' });
}

/**
 * @returns null = digits are not grouped, overriding the source's rules @throws BadInputError
 * `invalid-thousands`
 */
export function thousandsOf(text: string): Thousands | null {
  if (text.trim().toLowerCase() === 'none') return null;
  const found = THOUSANDS.find((one) => one === characterOf(text));
  if (found !== undefined) return found;
  const todo = 'give comma, dot, space, apostrophe or underscore; or none if digits are not grouped';
  throw new BadInputError('invalid-thousands', { field: 'thousands', value: text, todo });
}

/** The word of a separator in options. */
export function separatorWord(character: Decimal | Thousands): string {
  return Object.entries(WORDS).find(([, one]) => one === character)?.[0] ?? character;
}

function characterOf(text: string): string {
  const word = text.trim().toLowerCase();
  return Object.hasOwn(WORDS, word) ? (WORDS[word] ?? text) : text;
}
