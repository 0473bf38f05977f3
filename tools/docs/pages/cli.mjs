import { block, code, paragraphs, table } from '../markdown.mjs';

/** @typedef {import('commander').Command} Command */

/** Global options of every command. */
const HELP_FLAGS = '-h, --help';

/**
 * Every command of `factory`, from its own parser.
 *
 * @param {{ facts: { program: Command, exitCodes: Record<string, number>, exitCodesHelp: string } }} about
 */
export function cliPage({ facts: { program } }) {
  const commands = leavesOf(program, []);
  return paragraphs(
    '# The command line',
    'From source `npm run factory -- <command>`; from a build `node dist/apps/cli/main.cjs <command>`; in a cluster ' +
      'the image `cli`. Every command has `--help` and, where it prints data, `--json`: data on stdout, messages ' +
      'on stderr. Variables are in [configuration](configuration.md), exit codes in ' +
      '[exit codes](exit-codes.md).',
    table(
      ['command', 'does'],
      commands.map(({ words, command }) => [
        `[${code(words.join(' '))}](#${anchorOf(words)})`,
        command.summary() || firstSentence(command.description()),
      ]),
    ),
    ...commands.map(commandText),
  );
}

/**
 * @param {Command} command
 * @param {readonly string[]} before
 * @returns {{ words: readonly string[], command: Command }[]} commands with an action
 */
function leavesOf(command, before) {
  return command.commands.flatMap((one) => {
    const words = [...before, one.name()];
    const below = leavesOf(one, words);
    // `runs` lists, `runs show` shows one: a group may have its own action.
    return below.length === 0 || one.options.length > 0 ? [{ words, command: one }, ...below] : below;
  });
}

/** @param {{ words: readonly string[], command: Command }} of */
function commandText({ words, command }) {
  const positional = command.registeredArguments.map((one) =>
    one.required ? `<${named(one)}>` : `[${named(one)}]`,
  );
  const options = command.options.filter(({ flags, hidden }) => flags !== HELP_FLAGS && !hidden);
  return paragraphs(
    `## ${words.join(' ')}`,
    command.description(),
    code(['factory', ...words, ...positional, ...(options.length > 0 ? ['[options]'] : [])].join(' ')),
    options.length === 0
      ? ''
      : table(
          ['option', 'meaning', 'default'],
          options.map((option) => [code(option.flags), meaningOf(option), defaultOf(option)]),
        ),
    block(helpAfter(command)),
  );
}

/** @param {{ name(): string, variadic: boolean }} argument */
const named = (argument) => `${argument.name()}${argument.variadic ? '...' : ''}`;

/** @param {import('commander').Option} option */
function meaningOf({ description, mandatory, argChoices }) {
  const choices = argChoices ? ` (${argChoices.join(', ')})` : '';
  return `${description}${choices}${mandatory ? ' (required)' : ''}`;
}

/** @param {import('commander').Option} option */
function defaultOf({ defaultValue, negate, mandatory }) {
  if (mandatory || negate || defaultValue === undefined) return '';
  return Array.isArray(defaultValue) && defaultValue.length === 0 ? '' : code(defaultValue);
}

/** The text of `--help` below the options, mostly examples. @param {Command} command */
export function helpAfter(command) {
  let text = '';
  const output = { writeOut: (/** @type {string} */ more) => (text += more) };
  const before = command.configureOutput();
  command.configureOutput({ ...before, ...output });
  command.outputHelp();
  command.configureOutput(before);
  return text.slice(command.helpInformation().length).trim();
}

/** @param {readonly string[]} words as in GitHub's anchors of headings */
const anchorOf = (words) => words.join('-');

/** @param {string} text */
const firstSentence = (text) => (/^.*?[.](?= |$)/.exec(text)?.[0] ?? text).replace(/\.$/, '');
