import { escapeMarkup } from '@factory/domain';

/** Markup that may stand in a page as it is. */
export interface Markup {
  readonly text: string;
}

/**
 * Markup from a template: whatever is put into it is escaped, unless it is markup itself or a list of markup. So text
 * from a shop (names, levels) is shown and never interpreted, in elements and in quoted attributes.
 */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  const text = parts.map((part, at) => part + (at < values.length ? escaped(values[at] ?? '') : ''));
  return { text: text.join('') };
}

function escaped(value: string | number | Markup | readonly Markup[]): string {
  if (typeof value === 'object')
    return 'text' in value ? value.text : value.map(({ text }) => text).join('\n');
  return escapeMarkup(String(value))
    .replaceAll("'", '&#39;')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
}
