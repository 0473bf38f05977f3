import { root } from '../../workspace/root.mjs';
import { importFaults } from './faults.mjs';
import { codePaths, libLayout } from './layout.mjs';
import { selfTest } from './self-test.mjs';
import { TOOL_ENTRIES, entryFaults } from './tool-entries.mjs';

const HELP = `node tools/checks/imports/check.mjs

Reads who imports whom in every folder and in the configuration at the top, and compares it with the rules in rules.mjs:
no circles, no app from outside it, no file of a lib or a tool that it does not offer, nothing of specs in what is
delivered, only declared packages, in pure layers only those that are listed, and in examples only what a reader has.
First it reads a fixture, in which every rule is broken, and expects each of those faults. Ends with 1 when there is a
fault.`;

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const missed = await selfTest();
  for (const text of missed) console.error(`self-test: ${text}`);
  const { faults, files } = await importFaults(root, codePaths(root), {
    ...libLayout(root),
    entries: TOOL_ENTRIES,
    exclude: '^tools/checks/.*fixture/',
  });
  const texts = [...entryFaults(root, TOOL_ENTRIES), ...faults.map(({ text }) => text)];
  for (const text of texts) console.error(text);
  if (missed.length + texts.length > 0) process.exitCode = 1;
  else console.log(`imports: ${files} files keep the rules`);
}

await main();
