/**
 * A table; cells may hold anything but line breaks.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ').trim();
}

/** @param {unknown} value */
export const code = (value) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** @param {string} text shown as it is, never run @param {string} language */
export const block = (text, language = 'text') => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** Parts with empty lines between them; empty parts are left out. @param {...string} parts */
export const paragraphs = (...parts) => parts.filter((part) => part !== '').join('\n\n');

/** What is above every generated page. Tables are not padded: a changed word changes one line. */
export const GENERATED =
  '<!-- Generated from the code by `node tools/docs/reference.mjs`; `npm run check` compares it. Do not edit. -->';
