import { code, paragraphs, table } from '../markdown.mjs';

/**
 * @typedef {object} Described as returned by `describeConfig`
 * @property {string} variable
 * @property {string} description
 * @property {boolean} required
 * @property {string} [default]
 * @property {boolean} secret
 */

/** Defaults that depend on the machine are given in the description. */
const TOLD = /\bdefault: /;

/** @param {{ facts: { variables: Record<string, readonly Described[]> } }} about */
export function configurationPage({ facts: { variables } }) {
  const all = Object.keys(variables);
  return paragraphs(
    '# Configuration',
    'Configuration comes from environment variables only and is checked at start; all faults are reported together. ' +
      'An address or connection string is used completely or refused: its parameters are not read, and TLS is not ' +
      'supported yet.',
    table(
      ['variable', 'read by', 'default', 'meaning'],
      linesOf(variables).map((line) => [
        code(line.variable),
        readers(line.apps, all),
        defaultOf(line),
        `${line.description}${line.secret ? ' (secret)' : ''}`,
      ]),
    ),
    '## Sources',
    'Each source of `SOURCES_FILE` names one further variable with its connection string (`connectionEnv`); ' +
      '`SOURCE_CONNECTIONS_FILE` may contain these values instead (a mounted secret), so that a new source or a new ' +
      'password needs no restart. Declarations are read again when they change, and each source is replaced if its ' +
      'new declaration is valid; otherwise the previous one stays in use. `/health/ready` and the metrics ' +
      '`factory_sources_in_use` and `factory_sources_file_faulty` show what is in use. A service that starts before ' +
      'the first source waits for it. ' +
      'How to write them: [bring your MySQL](../how-to/bring-your-mysql.md).',
    '## Rules',
    '`RULES_FILE` is read again when it changes, in the same way: a faulty content leaves the previous one in use ' +
      '(`factory_rules_in_use`, `factory_rules_file_faulty`, `/health/ready`). A service whose file has never been valid ' +
      'waits. What it holds: [change what is promoted](../how-to/change-what-is-promoted.md).',
    'Settings of a product are [policy](policy.md), not configuration.',
  );
}

/**
 * One line of the table: one variable with one meaning.
 *
 * @param {Record<string, readonly Described[]>} variables
 */
function linesOf(variables) {
  /** @type {Map<string, Described & { apps: string[] }>} */
  const lines = new Map();
  for (const [app, described] of Object.entries(variables))
    for (const one of described) {
      const key = `${one.variable} ${one.description}`;
      const line = lines.get(key) ?? { ...one, apps: [] };
      line.apps.push(app);
      lines.set(key, line);
    }
  return [...lines.values()];
}

/** @param {readonly string[]} apps @param {readonly string[]} all */
function readers(apps, all) {
  const services = all.filter((app) => app !== 'cli');
  if (apps.length === all.length) return 'all';
  if (services.every((app) => apps.includes(app))) return 'services';
  return apps.join(', ');
}

/** @param {Described} described */
function defaultOf({ required, description, default: value }) {
  if (required) return 'required';
  return value === undefined || value === '' || TOLD.test(description) ? '' : code(value);
}
