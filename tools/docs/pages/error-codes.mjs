import { code, paragraphs, table } from '../markdown.mjs';

/** @typedef {{ code: string, server: string, why: string, todo: string }} ServerCode */

/** @type {readonly (readonly [kind: string, title: string, about: string])[]} */
const KINDS = [
  [
    'bad input',
    'Bad input',
    'Permanent, so never retried. The message names the field, its value and what to do.',
  ],
  [
    'input check',
    'Input checks',
    'Findings of the input check of a run; `checks.json` has the figures. Some end the run, some only warn.',
  ],
  ['run skipped', 'Runs without a model', 'Not an error: the run ends as skipped, and its figures show why.'],
  ['changed bytes', 'Changed bytes', 'The bytes read differ from the bytes written.'],
  ['failure', 'Failures', 'Everything else; most are retried.'],
];

/**
 * @param {{ errors: readonly import('../error-codes.mjs').ErrorCode[], facts: { serverCodes: readonly ServerCode[] } }} about
 */
export function errorCodesPage({ errors, facts: { serverCodes } }) {
  const own = new Set(serverCodes.map((one) => one.code));
  return paragraphs(
    '# Error codes',
    'Codes are stable: logs, dead letters, `factory runs show` and the command line show them, and scripts may match ' +
      'them. `…` in a text is replaced by a value at runtime.',
    ...KINDS.map(([kind, title, about]) =>
      paragraphs(
        `## ${title}`,
        about,
        table(
          ['code', 'says', 'raised by'],
          errors
            .filter((one) => one.kind === kind && !own.has(one.code))
            .map((one) => [code(one.code), one.says, one.raisedBy.map(code).join(' ')]),
        ),
      ),
    ),
    '## Servers that are unavailable',
    'Work waits, uses no attempt, and continues automatically once the server is available again.',
    table(
      ['code', 'server', 'why', 'what to do'],
      serverCodes.map(({ code: name, server, why, todo }) => [code(name), server, why, todo]),
    ),
    '`unexpected` is an error that the factory did not foresee; the log has its stack.',
  );
}
