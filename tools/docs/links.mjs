// npm run check: every link and every path of the documentation leads to something that is there.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from '../workspace/root.mjs';
import { anchorsOf, markdownFiles, withoutBlocks } from './markdown-files.mjs';
import { isThere, namedPaths } from './repository-paths.mjs';

const LINK = /\]\(([^)\s]+)\)/g;
const ELSEWHERE = /^(https?|mailto):/;

/**
 * @param {{ path: string, text: string }} page
 * @returns {string[]} what its links lack
 */
function brokenLinks({ path, text }) {
  const prose = withoutBlocks(text).replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)].flatMap(([, target = '']) => {
    if (ELSEWHERE.test(target)) return [];
    const [file = '', anchor] = target.split('#');
    const to = normalize(join(dirname(path), file));
    if (file !== '' && !existsSync(join(root, to))) return [`${path}: ${target}: there is no ${to}`];
    if (anchor === undefined || !/^$|\.md$/.test(file)) return [];
    const found = anchorsOf(file === '' ? text : readFileSync(join(root, to), 'utf8')).has(anchor);
    return found ? [] : [`${path}: ${target}: ${to} has no heading of that name`];
  });
}

/** They tell what was, where it was then. */
const HISTORY = /^(docs\/adr\/|CHANGELOG\.md)/;

/** @param {{ path: string, text: string }} page */
function missingPaths({ path, text }) {
  if (HISTORY.test(path)) return [];
  return namedPaths(withoutBlocks(text))
    .filter((named) => !isThere(named))
    .map((named) => `${path}: \`${named}\`: there is no such file`);
}

/** What a page may get wrong; each must be found. */
const PLANTED = {
  path: 'docs/planted.md',
  text: '# Planted\n\n[a](no-such-file.md) [b](../README.md#no-such-heading) [c](#planted) `libs/no-such-lib` `libs/domain`\n',
};

const pages = await markdownFiles();
const faults = [...pages.flatMap(brokenLinks), ...pages.flatMap(missingPaths)];
if (brokenLinks(PLANTED).length !== 2) faults.push('planted links that lead nowhere were not found');
if (missingPaths(PLANTED).length !== 1) faults.push('a planted path that is not there was not found');
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
