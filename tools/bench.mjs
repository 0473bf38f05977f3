// `npm run bench -- <name>`: measures one thing on servers of its own, prints a table, ends with 1 when it is not enough.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, root } from './workspace.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    data: { type: 'string', default: join(root, '..', 'shared', 'data') },
    rounds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '40,396,40' },
    help: { type: 'boolean', default: false },
  },
});

await ensurePackages();
const { BENCHES } = await import('./bench/benches.mjs');
const [name] = positionals;
if (values.help || !name) {
  console.log(help());
  process.exit(values.help ? 0 : 2);
}
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
const rounds = Number(values.rounds);
const sizes = values.sizes.split(',').map(Number);
const isCount = (value) => Number.isInteger(value) && value >= 1;
const wrong = [
  ...(bench ? [] : [`There is no benchmark ${name}.`]),
  ...(positionals.length > 1 ? ['Give one name.'] : []),
  ...(isCount(rounds) ? [] : [`--rounds ${values.rounds}: give a whole number of at least 1.`]),
  ...(sizes.length === 3 && sizes.every(isCount) && sizes[1] > Math.max(sizes[0], sizes[2])
    ? []
    : [`--sizes ${values.sizes}: give small,large,small, such as 40,396,40.`]),
];
if (wrong.length > 0) {
  console.error(wrong.join('\n'));
  console.error(`\n${help()}`);
  process.exit(2);
}

const { openSandbox } = await import('./sandbox/sandbox.mjs');
const { printRows, textOf } = await import('./bench/print-rows.mjs');
const began = Date.now();
const say = (line) => console.log(`${`${((Date.now() - began) / 1000).toFixed(0)} s`.padStart(6)}  ${line}`);
const sandbox = await openSandbox(`bench-${name}`, { say });
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void sandbox.close().then(() => process.exit(130)));
process.exitCode = 1;
try {
  const result = await bench.run(sandbox, { say, rounds, sizes, dataFolder: resolve(values.data) });
  console.log('');
  printRows(result.rows);
  for (const peaks of result.peaks ?? []) {
    console.log('\npeak resident memory, MiB, of the larger process of each service');
    printRows(peaks);
  }
  for (const [figure, ratio] of Object.entries(result.ratios ?? {}))
    console.log(`${figure}: ${textOf(ratio)} times`);
  for (const note of result.notes ?? []) console.log(`\n${note}`);
  for (const fault of result.faults) console.log(`\nNOT ENOUGH: ${fault}`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ bench: name, ...result }, null, 2)}\n`);
  process.exitCode = result.faults.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.stack);
} finally {
  await sandbox.close();
}

function help() {
  const list = Object.entries(BENCHES).map(([one, { summary }]) => `  ${one.padEnd(10)} ${summary}`);
  return `npm run bench -- NAME [options]

${list.join('\n')}

  --json FILE    writes the figures as data
  --data DIR     folder with the real data sets (default ../shared/data)
  --rounds N     how often fleet is repeated; the median counts (default 3)
  --sizes A,B,C  products in fleet's three fan-outs (default 40,396,40)
  --help         this text`;
}
