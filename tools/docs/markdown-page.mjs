import MarkdownIt from 'markdown-it';

/** Addresses stay as they are written. */
const PARSER = Object.assign(new MarkdownIt({ html: true }), {
  normalizeLink: (/** @type {string} */ address) => address,
  validateLink: () => true,
});
const IN_HTML = /\s(href|src|id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const COMMENT = /<!--[\s\S]*?-->/g;
/** `[text][name]` that remains after links are parsed: the name is not defined. */
const UNDEFINED = /\[[^\]]+\]\[[^\]]*\]/g;

/**
 * The parts of a Markdown page, as on GitHub.
 *
 * @typedef {object} MarkdownPage
 * @property {readonly string[]} links addresses of links, images and definitions, of HTML as well
 * @property {readonly string[]} undefinedLinks `[text][name]` of undefined names
 * @property {readonly string[]} code what is in backticks
 * @property {ReadonlySet<string>} anchors of headings, and ids in HTML
 */

/**
 * @param {string} text
 * @returns {MarkdownPage}
 */
export function markdownPage(text) {
  /** @type {{ references?: Record<string, { href: string, title: string }> }} */
  const found = {};
  const blocks = PARSER.parse(text, found);
  const parts = blocks.flatMap((block) => [block, ...(block.children ?? [])]);
  const inHtml = parts
    .filter(({ type }) => type.startsWith('html_'))
    .flatMap(({ content }) => namesIn(content));
  const titles = blocks.filter((_, at) => blocks[at - 1]?.type === 'heading_open').map(textOf);
  return {
    links: once([
      ...parts.flatMap((part) => String(part.attrGet('href') ?? part.attrGet('src') ?? '') || []),
      ...Object.values(found.references ?? {}).map(({ href }) => href),
      ...inHtml.flatMap(({ name, value }) => (/^(href|src)$/i.test(name) ? [value] : [])),
    ]),
    undefinedLinks: parts
      .filter(({ type }) => type === 'text')
      .flatMap(({ content }) => content.match(UNDEFINED) ?? []),
    code: parts.filter(({ type }) => type === 'code_inline').map(({ content }) => content),
    anchors: new Set([
      ...anchorsOf(titles),
      ...inHtml.flatMap(({ name, value }) => (/^(id|name)$/i.test(name) ? [value] : [])),
    ]),
  };
}

/** @param {readonly string[]} words */
const once = (words) => [...new Set(words)];

/** @param {string} html */
function namesIn(html) {
  return [...html.replace(COMMENT, '').matchAll(IN_HTML)].map(([, name = '', ...values]) => ({
    name,
    value: values.find((value) => value !== undefined) ?? '',
  }));
}

/** @param {{ children: readonly { type: string, content: string }[] | null }} heading */
function textOf({ children }) {
  return (children ?? [])
    .filter(({ type }) => !type.startsWith('html_'))
    .map(({ content }) => content)
    .join('');
}

/**
 * Anchors of headings as on GitHub.
 *
 * @param {readonly string[]} titles
 * @returns {Set<string>}
 */
function anchorsOf(titles) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const anchors = new Set();
  for (const title of titles) {
    const plain = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    const times = seen.get(plain) ?? 0;
    seen.set(plain, times + 1);
    anchors.add(times === 0 ? plain : `${plain}-${times}`);
  }
  return anchors;
}
