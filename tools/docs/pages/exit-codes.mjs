import { code, paragraphs, table } from '../markdown.mjs';

/** @param {{ facts: { exitCodes: Record<string, number>, exitCodesHelp: string } }} about */
export function exitCodesPage({ facts: { exitCodes, exitCodesHelp } }) {
  const told = [...exitCodesHelp.matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, number = '', meaning = '']) => ({
    number: Number(number),
    meaning,
  }));
  const rows = Object.values(exitCodes).map((number) => {
    const meaning = told.find((one) => one.number === number)?.meaning;
    if (!meaning)
      throw new Error(`exit code ${number} is not in the command line's help: add it to EXIT_CODES_HELP`);
    return [code(String(number)), meaning];
  });
  return paragraphs(
    '# Exit codes',
    'Exit codes of the `factory` command. The message on stderr names the stable code, see [error codes](error-codes.md).',
    table(['exit code', 'meaning'], rows),
    'A service exits with 0 after SIGTERM, once its work is done or returned, and with 1 if it cannot start; the ' +
      'last line of its log gives the reason.',
  );
}
