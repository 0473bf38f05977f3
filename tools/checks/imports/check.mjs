import { root } from '../../workspace/root.mjs';
import { importFaults } from './faults.mjs';
import { selfTest } from './self-test.mjs';
import { TOOL_ENTRIES, entryFaults } from './tool-entries.mjs';

const HELP = `node tools/checks/imports/check.mjs

Reads who imports whom in apps, libs, tools and e2e and compares it with the rules in rules.mjs: no circles, no app
from outside it, no file of a tool that its folder does not offer. First it reads a fixture, in which every rule is
broken, and expects each of those faults. Ends with 1 when there is a fault.`;

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const missed = await selfTest();
  for (const text of missed) console.error(`self-test: ${text}`);
  const { faults, files } = await importFaults(root, ['apps', 'libs', 'tools', 'e2e'], {
    entries: TOOL_ENTRIES,
    exclude: '^tools/checks/.*fixture/',
  });
  const texts = [...entryFaults(root, TOOL_ENTRIES), ...faults.map(({ text }) => text)];
  for (const text of texts) console.error(text);
  if (missed.length + texts.length > 0) process.exitCode = 1;
  else console.log(`imports: ${files} files keep the rules`);
}

await main();
