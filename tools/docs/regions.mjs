/** @param {string} name @param {'begin' | 'end'} end */
const marker = (name, end) => `<!-- ${name}:${end} -->`;

/**
 * A page with the parts between markers (`<!-- name:begin -->`, `<!-- name:end -->`) replaced.
 *
 * @param {string} page
 * @param {Readonly<Record<string, string>>} regions
 * @returns {string} the page; regions without markers are ignored
 */
export function withRegions(page, regions) {
  return Object.entries(regions).reduce((text, [name, content]) => {
    const [begin, end] = [text.indexOf(marker(name, 'begin')), text.indexOf(marker(name, 'end'))];
    if (begin < 0 && end < 0) return text;
    if (begin < 0 || end < begin) throw new Error(`the markers of ${name} are not a pair`);
    return `${text.slice(0, begin)}${marker(name, 'begin')}\n\n${content.trim()}\n\n${text.slice(end)}`;
  }, page);
}

/** @param {string} page @returns {string[]} */
function regionsOf(page) {
  return [...page.matchAll(/<!-- ([a-z0-9-]+):begin -->/g)].map(([, name]) => name ?? '');
}

/**
 * Tables without a place and places without a table.
 *
 * @param {readonly string[]} pages
 * @param {Readonly<Record<string, string>>} regions
 * @returns {string[]}
 */
export function regionFaults(pages, regions) {
  const places = pages.flatMap(regionsOf);
  return [
    ...Object.keys(regions)
      .filter((name) => !places.includes(name))
      .map((name) => `no page has the markers of ${name}`),
    ...places
      .filter((name) => !Object.hasOwn(regions, name))
      .map((name) => `no table is generated for ${name}`),
  ];
}
