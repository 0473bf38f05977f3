import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { bundleEntry } from '../packing/bundle-entry.mjs';
import { root } from '../workspace/root.mjs';
import { gridTable } from './grid-table.mjs';
import { importTable } from './import-table.mjs';
import { code, table } from './markdown.mjs';
import { policyTables } from './policy-tables.mjs';
import { readConstant } from './read-constant.mjs';
import { judgementTables } from './judgement-tables.mjs';
import { regionFaults, withRegions } from './regions.mjs';
import { RULE_CONSTANTS } from './rule-constants.mjs';
import { stageTables } from './stage-tables.mjs';

const HELP = `node tools/docs/rule-tables.mjs --check | --write

The tables of docs/rules.md and docs/architecture.md that are generated from the code: settings, constants, grids,
rules of verdict and checks, messages, imports.
--write puts them between their markers, --check exits with 1 if a page differs.`;

const PAGES = ['docs/rules.md', 'docs/architecture.md'];

/** All tables by the name of their region. @returns {Promise<Record<string, string>>} */
async function ruleTables() {
  const facts = createRequire(import.meta.url)(await bundleEntry('tools/docs/rule-tables.entry.mjs'));
  return {
    ...policyTables(facts.POLICY_FIELDS),
    ...constantTables(),
    ...judgementTables(facts),
    grids: gridTable(facts.GRID_NAMES, facts.expandGrid),
    ...stageTables(facts),
    imports: importTable(),
  };
}

function constantTables() {
  return Object.fromEntries(
    Object.entries(RULE_CONSTANTS).map(([rule, constants]) => [
      `constants-${rule.toLowerCase()}`,
      table(
        ['constant', 'value', 'unit', 'meaning', 'declared in'],
        constants.map(({ file, name, unit, meaning }) => [
          code(name),
          code(shown(readConstant(file, name))),
          unit,
          meaning,
          code(file),
        ]),
      ),
    ]),
  );
}

/** @param {unknown} value @returns {string} */
function shown(value) {
  if (Array.isArray(value)) return value.map(shown).join(', ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name} ${shown(one)}`)
      .join(', ');
  return String(value);
}

/**
 * The pages as they should be.
 *
 * @returns {Promise<{ page: string, is: string, shouldBe: string }[]>}
 */
async function comparePages() {
  const tables = await ruleTables();
  const pages = PAGES.map((page) => ({ page, is: readFileSync(join(root, page), 'utf8') }));
  const faults = regionFaults(
    pages.map(({ is }) => is),
    tables,
  );
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return Promise.all(
    pages.map(async ({ page, is }) => ({ page, is, shouldBe: await formatted(withRegions(is, tables)) })),
  );
}

/** Formatted like the repository's Markdown. @param {string} text */
async function formatted(text) {
  const options = await prettier.resolveConfig(join(root, 'README.md'));
  return prettier.format(text, { ...options, parser: 'markdown' });
}

async function main() {
  const [option] = process.argv.slice(2);
  if (option !== '--check' && option !== '--write') return console.log(HELP);
  for (const { page, is, shouldBe } of await comparePages()) {
    if (is === shouldBe) continue;
    if (option === '--write') writeFileSync(join(root, page), shouldBe);
    else {
      console.error(`${page} differs from the code: run \`node tools/docs/rule-tables.mjs --write\``);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
