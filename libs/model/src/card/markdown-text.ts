import { escapeMarkup } from '@factory/domain';

/** Signs that are markup in Markdown, inside of a line. An underscore inside of a word is none. */
const MARKS = /[\\`*~|[\]!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/** A text for people as text in Markdown: foreign names can hold anything. */
export function markdownText(text: string): string {
  return escapeMarkup(onOneLine(text)).replaceAll(MARKS, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
