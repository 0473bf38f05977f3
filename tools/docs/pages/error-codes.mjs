import { code, paragraphs, table } from '../markdown.mjs';

/** @typedef {{ code: string, server: string, why: string, todo: string }} ServerCode */

/** @type {readonly (readonly [kind: string, title: string, about: string])[]} */
const KINDS = [
  [
    'bad input',
    'Bad input',
    'As bad next time, so never retried. The message names the field, its value and what to do.',
  ],
  [
    'input check',
    'Input checks',
    'What the input check of a run finds; `checks.json` has the figures. Some end the run, some warn.',
  ],
  [
    'run skipped',
    'Runs without a model',
    "Nobody's error: the run ends as skipped, and the figures say why.",
  ],
  ['changed bytes', 'Changed bytes', 'What was read is not what was written.'],
  ['failure', 'Failures', 'Everything else; most are tried again.'],
];

/**
 * @param {{ errors: readonly import('../error-codes.mjs').ErrorCode[], facts: { serverCodes: readonly ServerCode[] } }} about
 */
export function errorCodesPage({ errors, facts: { serverCodes } }) {
  const own = new Set(serverCodes.map((one) => one.code));
  return paragraphs(
    '# Error codes',
    'Codes are stable: logs, dead letters, `factory runs show` and the command line give them, and scripts may match ' +
      'on them. `…` in a text is filled in when it is raised.',
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
    'Work waits, uses no attempt, and goes on by itself once the server is back.',
    table(
      ['code', 'server', 'why', 'what to do'],
      serverCodes.map(({ code: name, server, why, todo }) => [code(name), server, why, todo]),
    ),
    '`unexpected` is an error that the factory did not foresee; the log has its stack.',
  );
}
