import { ESLint } from 'eslint';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const FIXTURE = join(root, 'tools', 'checks', 'boundaries-fixture');
const RULE = '@nx/enforce-module-boundaries';

/**
 * Lints the fixture's files as if they were in the repository, at the same paths.
 *
 * @returns {Promise<string[]>} what is wrong: forbidden code that passes, allowed code that doesn't
 */
export async function boundaryFaults() {
  const eslint = new ESLint({
    cwd: root,
    // The files are not on the disk at these paths, so there are no types for them.
    overrideConfig: [
      {
        files: ['**/*.ts', '**/*.mjs'],
        languageOptions: { parserOptions: { project: null } },
        rules: {
          '@typescript-eslint/no-floating-promises': 'off',
          '@typescript-eslint/no-misused-promises': 'off',
          '@typescript-eslint/consistent-type-imports': 'off',
        },
      },
    ],
  });
  const files = readdirSync(FIXTURE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(ts|mjs)$/.test(file),
  );
  const faults = [];
  for (const file of files) faults.push(...(await faultsOf(eslint, file)));
  for (const kind of ['forbidden-', 'allowed-', 'lines-'])
    if (!files.some((file) => file.includes(kind))) faults.push(`the fixture has no file ${kind}*`);
  return faults;
}

/**
 * @param {ESLint} eslint
 * @param {string} file path in the fixture
 * @returns {Promise<readonly string[]>}
 */
async function faultsOf(eslint, file) {
  const text = readFileSync(join(FIXTURE, file), 'utf8');
  const results = await eslint.lintText(text, { filePath: join(root, file) });
  const messages = results.flatMap((result) => result.messages);
  if (file.includes('lines-')) return faultsOfLines(file, text, messages);
  const other = messages.filter(({ ruleId }) => ruleId !== RULE).map(({ message }) => message);
  const refused = messages.some(({ ruleId }) => ruleId === RULE);
  return [
    ...(other.length > 0 ? [`${file}: ${other.join('; ')}`] : []),
    ...(refused === file.includes('forbidden-')
      ? []
      : [`${file}: ${refused ? 'refused' : 'not refused'} by ${RULE}`]),
  ];
}

/**
 * @param {string} file path in the fixture
 * @param {string} text
 * @param {readonly import('eslint').Linter.LintMessage[]} messages
 * @returns {readonly string[]}
 */
function faultsOfLines(file, text, messages) {
  const refused = new Set(messages.map(({ line }) => line));
  return text.split('\n').flatMap((line, index) => {
    if (refused.has(index + 1) === line.endsWith('// refused')) return [];
    const found = messages.filter((message) => message.line === index + 1).map(({ message }) => message);
    return [`${file}:${index + 1}: ${found.join('; ') || 'not refused by lint'}`];
  });
}
