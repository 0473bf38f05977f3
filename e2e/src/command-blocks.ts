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

const FENCE = /^( *)(`{3,})(\S*) *(.*)$/;
const SHELL = new Set(['sh', 'bash', 'shell', 'console']);
/** A backtick would end the fence in Markdown, and the block would be rendered as prose. */
const TAG = /^(?:(last)|(needs)=(cluster)|(not-run)="([^"`]{10,})")$/;

/**
 * Finds the shell blocks of a page. A block may say after its language: `last`, `needs=cluster`, or `not-run="why"`.
 *
 * @throws RangeError for any other word, so that no block is skipped because of a typo
 */
export function commandBlocksOf(page: string, text: string): CommandBlock[] {
  const lines = text.split('\n');
  const blocks: CommandBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence, language = '', words = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const open = at;
    const closes = (line: string): boolean => line.trim() === fence;
    while (++at < lines.length && !closes(lines[at] ?? ''));
    if (!SHELL.has(language)) continue;
    const commands = lines.slice(open + 1, at).map((line) => line.slice(indent.length));
    blocks.push({ page, line: open + 1, commands: commands.join('\n'), ...tagsOf(page, open + 1, words) });
  }
  return blocks;
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

/** Every block of README, docs and examples, in the order in which a reader may run them. */
export function commandBlocks(root: string): CommandBlock[] {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
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
