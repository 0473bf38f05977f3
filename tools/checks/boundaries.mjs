import { ESLint } from 'eslint';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const FIXTURE = join(root, 'tools', 'checks', 'boundaries-fixture');
const RULE = '@nx/enforce-module-boundaries';

/**
 * Lints the fixture's files as if they stood in the repository.
 *
 * @returns {Promise<string[]>} what is wrong: forbidden imports that pass, allowed ones that don't
 */
export async function boundaryFaults() {
  const eslint = new ESLint({
    cwd: root,
    // The files are not on the disk where they claim to be: no types for them.
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
  const files = readdirSync(FIXTURE, { recursive: true }).filter((file) => /\.(ts|mjs)$/.test(file));
  const faults = [];
  for (const file of files) {
    const [{ messages }] = await eslint.lintText(readFileSync(join(FIXTURE, file), 'utf8'), {
      filePath: join(root, file),
    });
    const other = messages.filter(({ ruleId }) => ruleId !== RULE).map(({ message }) => message);
    if (other.length > 0) faults.push(`${file}: ${other.join('; ')}`);
    const refused = messages.some(({ ruleId }) => ruleId === RULE);
    if (refused !== file.includes('forbidden-'))
      faults.push(`${file}: ${refused ? 'refused' : 'not refused'} by ${RULE}`);
  }
  const count = (kind) => files.filter((file) => file.includes(kind)).length;
  if (count('forbidden-') === 0 || count('allowed-') === 0) faults.push('the fixture is not complete');
  return faults;
}
