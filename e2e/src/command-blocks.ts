import MarkdownIt from 'markdown-it';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A block of shell commands in a page of the documentation. */
export interface CommandBlock {
  /** Path of the page from the repository's root. */
  readonly page: string;
  /** Line of the page at which the fence opens. */
  readonly line: number;
  /** Text between the fences. */
  readonly commands: string;
  /** Why it is not run here. Undefined: it is run. */
  readonly notRun?: string;
  /** It stops what other pages use: run after all of them. */
  readonly last: boolean;
}

/** The one name of the shell, so that no block is left out for its name. */
const SHELL = 'sh';
/** What is shown and not run. */
const SHOWN = new Set(['text', 'yaml', 'mermaid']);
const PARSER = new MarkdownIt({ html: true });
const TAG = /^(?:(last)|(needs)=(cluster)|(not-run)="([^"]{10,})")$/;

/**
 * Finds the shell blocks of a page, in lists and quotes too. A block may say after its language: `last`,
 * `needs=cluster`, or `not-run="why"`.
 *
 * @throws RangeError for any other word, for a language that is neither run nor known as one that is shown, and for a
 *   block without one, so that no block is left out by a slip
 */
export function commandBlocksOf(page: string, text: string): CommandBlock[] {
  return PARSER.parse(text, {}).flatMap(({ type, info, content, map }) => {
    if (type !== 'fence' && type !== 'code_block') return [];
    const line = (map?.[0] ?? 0) + 1;
    const [language = '', ...words] = info.trim().split(/ +/);
    if (SHOWN.has(language)) return [];
    if (language !== SHELL)
      throw new RangeError(
        `${page}:${line}: "${language}": open the block with \`\`\` and ${[SHELL, ...SHOWN].join(', ')}`,
      );
    return [{ page, line, commands: content.trimEnd(), ...tagsOf(page, line, words.join(' ')) }];
  });
}

function tagsOf(page: string, line: number, words: string): Pick<CommandBlock, 'notRun' | 'last'> {
  if (words.trim() === '') return { last: false };
  const [, last, needs, what, notRun, why] = TAG.exec(words.trim()) ?? [];
  if (last) return { last: true };
  if (needs) return { last: false, notRun: `needs a ${what}` };
  if (notRun && why) return { last: false, notRun: why };
  throw new RangeError(`${page}:${line}: "${words}": write last, needs=cluster or not-run="why"`);
}

/** Runs first: the other pages use its results. */
const FIRST = 'docs/tutorial.md';

/** Every block of README, CONTRIBUTING, CHANGELOG, docs and examples, in the order in which a reader may run them. */
export function commandBlocks(root: string): CommandBlock[] {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...pagesUnder(root, 'docs'),
    ...pagesUnder(root, 'examples'),
  ];
  const order = [FIRST, ...pages.filter((page) => page !== FIRST)];
  const blocks = order.flatMap((page) => commandBlocksOf(page, readFileSync(join(root, page), 'utf8')));
  return [...blocks.filter(({ last }) => !last), ...blocks.filter(({ last }) => last)];
}

function pagesUnder(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `${folder}/${file}`)
    .sort();
}
