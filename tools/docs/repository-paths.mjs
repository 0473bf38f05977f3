import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/** `k8s/overlays/<overlay>/..`: a pattern, not a path. */
const FORM = /[<>{}]|\.\.$/;
const ENDINGS = /^\.(ts|mjs|cjs|js|json|md|ya?ml|py|c|h|sh|sql|html)$/;
/** Files written by the factory, which are not in the repository. */
const WRITTEN = new Set(['champion.json', 'checks.json', 'data-checks.json', 'dataset.json', 'profile.json']);

/** The files of the repository, committed or not, and what a page may say of them. */
export class RepositoryPaths {
  /** @type {ReadonlySet<string>} */
  #files;
  /** @type {ReadonlySet<string>} */
  #folders;
  /** @type {ReadonlySet<string>} names of files, without their folders */
  #names;

  /** @param {readonly string[]} files paths from the root */
  constructor(files) {
    this.#files = new Set(files);
    this.#folders = new Set(files.flatMap(foldersAbove));
    this.#names = new Set(files.map((file) => basename(file)));
    this.tops = new Set(files.map((file) => file.split('/', 1)[0] ?? ''));
    this.stems = new Set(
      [...this.tops]
        .filter((top) => this.#files.has(top))
        .map(stemOf)
        .filter(Boolean),
    );
  }

  static async read() {
    return new RepositoryPaths(await repositoryFiles());
  }

  /** Whether a file or folder exists; `*` matches any part of a name. @param {string} path */
  has(path) {
    const plain = path.replace(/\/$/, '');
    if (!plain.includes('*'))
      return plain === '.' || this.#folders.has(plain) || (plain === path && this.#files.has(path));
    return this.#matches([...this.#folders, ...(plain === path ? this.#files : [])], plain);
  }

  /** Whether a file in any folder has this name, or this end of a name (`.spec.ts`); `*` as above. @param {string} name */
  hasNamed(name) {
    return this.#names.has(name) || this.#matches([...this.#names], name.startsWith('.') ? `*${name}` : name);
  }

  /**
   * Faults of the words in backticks that are paths from the root, or names of files.
   *
   * @param {readonly string[]} words
   * @returns {string[]}
   */
  missing(words) {
    return words.filter((word) => {
      if (/\s/.test(word) || FORM.test(word)) return false;
      if (word.includes('/')) return this.#isFolder(word.split('/', 1)[0]) && !this.has(word);
      return this.#isFileName(word) && !WRITTEN.has(word) && !this.hasNamed(word);
    });
  }

  /** @param {string} [top] */
  #isFolder(top = '') {
    return this.tops.has(top) && this.#folders.has(top);
  }

  /** `sources.yaml`, and what begins as a file at the root does: `package.jsonn`. @param {string} word */
  #isFileName(word) {
    return /^[\w*.-]*[\w*]\.\w+$/.test(word) && (ENDINGS.test(extname(word)) || this.stems.has(stemOf(word)));
  }

  /** @param {readonly string[]} names @param {string} pattern */
  #matches(names, pattern) {
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const form = new RegExp(`^${parts.join('[^/]*')}$`);
    return names.some((name) => form.test(name));
  }
}

/** @param {string} file */
const stemOf = (file) => file.slice(0, file.length - extname(file).length);

/** @param {string} path @returns {string[]} */
function foldersAbove(path) {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersAbove(folder)];
}

/** @returns {Promise<string[]>} paths of the files of the repository, committed or not */
export async function repositoryFiles() {
  const listed = await mustRun('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    quiet: true,
  });
  return [...new Set(listed.split('\0').filter(Boolean))].sort();
}

/** Text of a file, undefined if it is missing or not text. @param {string} path from the root */
export function textOf(path) {
  try {
    const text = readFileSync(join(root, path), 'utf8');
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
