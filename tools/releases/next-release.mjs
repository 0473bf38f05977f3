import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Changes that turn a tree into the next release: it writes messages of the next version, with one more field each, has
 * one more policy setting, and every stage records in the ledger which value of it the stage used.
 *
 * @type {readonly { file: string, what: RegExp, by: (...found: string[]) => string }[]}
 */
export const CHANGES = [
  {
    file: 'libs/contracts/src/fields.ts',
    what: /export const MESSAGE_VERSION = (\d+);/,
    by: (_all, version) => `export const MESSAGE_VERSION = ${Number(version) + 1};`,
  },
  {
    file: 'libs/contracts/src/fields.ts',
    what: /export const DATASET_MESSAGE_VERSION = (\d+);/,
    by: (_all, version) => `export const DATASET_MESSAGE_VERSION = ${Number(version) + 1};`,
  },
  {
    file: 'libs/contracts/src/messages.ts',
    what: /const runHeader = \{\n/,
    by: (all) => `${all}  writtenBy: z.string().optional(),\n`,
  },
  {
    file: 'libs/ledger/src/events/event-drafts.ts',
    what: /const body = \{ v: versionOf\(draft\.event\), /,
    by: (all) => `${all}writtenBy: 'the next release', `,
  },
  {
    file: 'libs/domain/src/policy-fields.ts',
    what: /(?<=\n)\} as const;\n(?=\n\/\*\* The values of all settings)/,
    by: (all) =>
      `  calibration: field('of the next release', '', 'none', oneOf(['none', 'isotonic'])),\n${all}`,
  },
  {
    file: 'libs/stage/src/stage-runner.ts',
    what: /const result = await [^\n]*task\.execute\(work\)\);\n/,
    by: (all) => `${all}Object.assign(result.output, { followed: work.policy.calibration });\n`,
  },
];

/**
 * Turns the sources of a tree into those of the next release.
 *
 * @param {string} tree
 * @throws Error naming the file if a change does not apply, or applies twice
 */
export function makeNextRelease(tree) {
  for (const { file, what, by } of CHANGES) {
    const path = join(tree, file);
    const text = readFileSync(path, 'utf8');
    const found = text.match(new RegExp(what, 'g'))?.length ?? 0;
    if (found !== 1)
      throw new Error(
        `${file} has ${found} places like ${what}, and one was expected: correct tools/releases/next-release.mjs`,
      );
    writeFileSync(path, text.replace(what, by));
  }
}
