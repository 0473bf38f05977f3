// npm run check: every link of the documentation leads to a file of the repository, and to a heading of it.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from '../workspace/root.mjs';
import { anchorsOf, markdownFiles, withoutBlocks } from './markdown-files.mjs';

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
    const to = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(root, to))) return [`${path}: ${target}: there is no ${to}`];
    if (anchor === undefined || !to.endsWith('.md')) return [];
    const found = anchorsOf(readFileSync(join(root, to), 'utf8')).has(anchor);
    return found ? [] : [`${path}: ${target}: ${to} has no heading of that name`];
  });
}

/** What a page may get wrong; each must be found. */
const PLANTED = {
  path: 'docs/planted.md',
  text: '# Planted\n\n[a](no-such-file.md) [b](../README.md#no-such-heading) [c](#planted) [d](https://example.com)\n',
};

const faults = (await markdownFiles()).flatMap(brokenLinks);
if (brokenLinks(PLANTED).length !== 2) faults.push('planted links that lead nowhere were not found');
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
