import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/**
 * The repository's own Markdown, committed or not.
 *
 * @returns {Promise<{ path: string, text: string }[]>} paths from the root, sorted
 */
export async function markdownFiles() {
  const listed = await mustRun('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    quiet: true,
  });
  const paths = listed.split('\n').filter((path) => path !== '' && !path.includes('fixture'));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/**
 * Headings as GitHub makes anchors of them.
 *
 * @param {string} text
 * @returns {Set<string>}
 */
export function anchorsOf(text) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  const anchors = new Set();
  for (const [, title = ''] of withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
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

/** What is in fences is no Markdown. @param {string} text */
export function withoutBlocks(text) {
  return text.replace(/^( *)(`{3,}|~{3,})[\s\S]*?^\1\2 *$/gm, '');
}
