import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { loadCodeNames } from './manifests/code-names.mjs';
import { root } from '../workspace/root.mjs';

const HELP = `node tools/checks/config-table.mjs [--check]

Prints the configuration table of all apps as Markdown, from their own schemas. --check: ends with 1 when README.md
holds another one between ${marker('begin')} and ${marker('end')}.`;

/** Defaults that depend on the machine are told in the description. */
const TOLD = /\bdefault: /;

/** What a line of the table is about: one variable with one meaning. */
function linesOf(variables) {
  const lines = new Map();
  for (const [app, described] of Object.entries(variables)) {
    for (const one of described) {
      const key = `${one.variable} ${one.description}`;
      const line = lines.get(key) ?? { ...one, apps: [], key };
      line.apps.push(app);
      lines.set(key, line);
    }
  }
  return [...lines.values()];
}

function whoReads(apps, all) {
  const services = all.filter((app) => app !== 'cli');
  if (apps.length === all.length) return 'all';
  if (services.every((app) => apps.includes(app))) return 'services';
  return apps.join(', ');
}

function defaultOf({ required, description, default: value }) {
  if (required) return 'required';
  return value === undefined || value === '' || TOLD.test(description) ? '' : `\`${value}\``;
}

/** @returns {Promise<string>} formatted as the repository's Markdown is */
async function configTable() {
  const { variables } = await loadCodeNames();
  const all = Object.keys(variables);
  const rows = linesOf(variables).map(
    (line) =>
      `| \`${line.variable}\` | ${whoReads(line.apps, all)} | ${defaultOf(line)} | ` +
      `${line.description.replaceAll('|', '\\|')}${line.secret ? ' (secret)' : ''} |`,
  );
  const table = ['| variable | read by | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
  return prettier.format(table, { parser: 'markdown' });
}

function marker(end) {
  return `<!-- config:${end} -->`;
}

/** @returns {string | undefined} what stands between the markers */
function tableInReadme() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [begin, end] = [readme.indexOf(marker('begin')), readme.indexOf(marker('end'))];
  return begin < 0 || end < begin ? undefined : readme.slice(begin + marker('begin').length, end).trim();
}

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const table = await configTable();
  if (!process.argv.includes('--check')) return process.stdout.write(table);
  const found = tableInReadme();
  if (found === undefined || found === table.trim()) return;
  console.error(
    'README.md: its configuration table is not the current one: replace it by the output of ' +
      '`node tools/checks/config-table.mjs`, between the markers',
  );
  process.exitCode = 1;
}

await main();
