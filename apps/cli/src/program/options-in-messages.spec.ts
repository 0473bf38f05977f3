import type { Command } from 'commander';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@factory/testing';
import ts from 'typescript';
import type { Cli } from './cli';
import { buildProgram } from './run-cli';

const root = repositoryRoot();
const program = buildProgram({ out: { stdout: {}, stderr: {} } } as unknown as Cli);

/** Options by command, such as `policy set`. */
const optionsOf = new Map<string, ReadonlySet<string>>();
function collect(command: Command, path: readonly string[]): void {
  const own = command.options.flatMap(({ long, short }) => [long, short]).filter((one) => one !== undefined);
  optionsOf.set(path.join(' '), new Set([...own, '--help', '-h']));
  for (const sub of command.commands) collect(sub, [...path, sub.name()]);
}
collect(program, []);
const everyOption = new Set([...optionsOf.values()].flatMap((some) => [...some]));

/** Every string of a source file; strings joined by `+` are one, and placeholders are `X`. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const textOf = (node: ts.Node): string | undefined => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isTemplateExpression(node))
      return node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('');
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
      return `${textOf(node.left) ?? 'X'}${textOf(node.right) ?? 'X'}`;
    return undefined;
  };
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text === undefined) ts.forEachChild(node, visit);
    else texts.push(text);
  };
  visit(source);
  return texts;
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(root, folder, name));
}

const OPTION = /(?<![\w-])--[a-z][a-z-]*[a-z]/g;
/** A definition (`--out <file>`), or an argument of a child process. */
const IS_NO_MESSAGE = /^--[\w-]+(=.*|,? [<[].*)?$/;
/** Other programs, whose options are not ours. */
const FOREIGN = /\b(npm run|npm ci|node|mysqld|mariadbd|docker|kubectl|nats-server|git)\b/;

/** Options in a text that the named command does not have. */
function commandFaults(text: string): string[] {
  return [...text.matchAll(/\bfactory ([a-z][^`\n]*)/g)].flatMap(([, call = '']) => {
    const words = call.split(/\s+/);
    const path = [3, 2, 1].map((count) => words.slice(0, count).join(' ')).find((one) => optionsOf.has(one));
    if (path === undefined) return [];
    const unknown = [...call.matchAll(OPTION)].filter(([option]) => !optionsOf.get(path)?.has(option));
    return unknown.map(([option]) => `factory ${path} has no ${option}: ${text}`);
  });
}

/** Faults in the options that a message names. */
function faultsIn(text: string): string[] {
  const gone = [...text.matchAll(OPTION)].filter(([option]) => !everyOption.has(option));
  return [...commandFaults(text), ...gone.map(([option]) => `no command has ${option}: ${text}`)];
}

describe('options that a message tells people to use', () => {
  const files = ['apps', 'libs']
    .flatMap((folder) => filesUnder(folder, '.ts'))
    .filter(
      (file) =>
        /\/src\//.test(file) && !/spec|conformance|fixtures|libs\/(testing|training-kernel)/.test(file),
    );
  const messages = files.flatMap((file) =>
    textsOf(file)
      .filter((text) => text.search(OPTION) >= 0 && !IS_NO_MESSAGE.test(text) && !FOREIGN.test(text))
      .map((text) => ({ file: file.slice(root.length + 1), text })),
  );

  it('are checked in every message of the source tree', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(messages.length).toBeGreaterThan(40);
    expect(messages.some(({ file }) => file.startsWith('libs/'))).toBe(true);
  });

  it('exist', () => {
    expect(messages.flatMap(({ file, text }) => faultsIn(text).map((fault) => `${file}: ${fault}`))).toEqual(
      [],
    );
  });

  it.each([
    'README.md',
    'CONTRIBUTING.md',
    ...['docs', 'examples'].flatMap((folder) =>
      filesUnder(folder, '.md').map((file) => file.slice(root.length + 1)),
    ),
  ])('exist in the commands of %s', (file) => {
    const text = readFileSync(join(root, file), 'utf8')
      .replaceAll('\\\n', ' ')
      .replaceAll('factory -- ', 'factory ');
    const commands = [...text.matchAll(/\bfactory [a-z][^`\n]*/g)].map(([one]) => one.replace(/#.*$/, ''));
    expect(commands.flatMap(commandFaults)).toEqual([]);
  });

  it('are reported if they do not exist: of another command, misspelt, or removed', () => {
    expect(faultsIn('use `factory retrain --visitor-column x`')).toEqual([
      'factory retrain has no --visitor-column: use `factory retrain --visitor-column x`',
    ]);
    expect(faultsIn('leave it out (--exclude, --category, --number)')).toHaveLength(2);
    expect(faultsIn('ask for `factory policy set 7 --source main --goal sale window=all`')).toEqual([]);
    expect(faultsIn('say --wait')).toEqual([]);
  });
});
