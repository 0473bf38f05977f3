import { dirname, join, normalize } from 'node:path';
import { markdownPage } from './markdown-page.mjs';
import { textOf } from './repository-paths.mjs';

const ELSEWHERE = /^([a-z][a-z\d+.-]*:|\/\/)/i;
const LINES = /^L(\d+)(?:C\d+)?(?:-L(\d+)(?:C\d+)?)?$/;
/** They tell what was, where it was then. */
const HISTORY = /^(docs\/adr\/|CHANGELOG\.md)/;

/**
 * What of a page leads nowhere: its links, and the paths in its backticks.
 *
 * @param {{ path: string, text: string }} page
 * @param {import('./repository-paths.mjs').RepositoryPaths} paths
 * @returns {string[]}
 */
export function linkFaults({ path, text }, paths) {
  const page = markdownPage(text);
  return [
    ...page.links.flatMap((target) => brokenLink({ path, page, target }, paths)),
    ...page.undefinedLinks.map((link) => `${path}: ${link}: nothing defines it: write [name]: address`),
    ...(HISTORY.test(path) ? [] : paths.missing(page.code)).map(
      (named) => `${path}: \`${named}\`: there is no such file`,
    ),
  ];
}

/**
 * @param {{ path: string, page: import('./markdown-page.mjs').MarkdownPage, target: string }} link
 * @param {import('./repository-paths.mjs').RepositoryPaths} paths
 * @returns {string[]}
 */
function brokenLink({ path, page, target }, paths) {
  if (ELSEWHERE.test(target)) return [];
  const [file = '', anchor] = decoded(target).split('#');
  const to = file.startsWith('/') ? file.slice(1) : normalize(join(dirname(path), file));
  if (file !== '' && !paths.has(to)) return [`${path}: ${target}: there is no ${to}`];
  if (anchor === undefined) return [];
  if (file === '' || to.endsWith('.md')) {
    const anchors = file === '' ? page.anchors : markdownPage(textOf(to) ?? '').anchors;
    return anchors.has(anchor) ? [] : [`${path}: ${target}: ${to} has no heading of that name`];
  }
  const lines = LINES.exec(anchor)?.slice(1).filter(Boolean).map(Number) ?? [Infinity];
  const last = (textOf(to) ?? '').trimEnd().split('\n').length;
  return Math.max(...lines) <= last ? [] : [`${path}: ${target}: ${to} has no such line`];
}

/** @param {string} target */
function decoded(target) {
  try {
    return decodeURI(target);
  } catch {
    return target;
  }
}
