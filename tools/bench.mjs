// `npm run bench -- <name>`: measures one thing, prints tables, ends with 1 when it is not enough.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

await ensurePackages();
const { BENCHES } = await import('./bench/benches.mjs');
const COMMON = {
  json: { type: 'string' },
  data: { type: 'string', default: join(root, '..', 'shared', 'data') },
  help: { type: 'boolean', default: false },
};
const { bench, name, values, settings } = understand(process.argv.slice(2));

const { printRows, textOf } = await import('./bench/print-rows.mjs');
const began = Date.now();
const say = (line) => console.log(`${`${((Date.now() - began) / 1000).toFixed(0)} s`.padStart(6)}  ${line}`);
const sandbox = await openServers();
process.exitCode = 1;
try {
  const result = await bench.run(sandbox, { say, dataFolder: resolve(values.data), ...settings });
  console.log('');
  printRows(result.rows);
  for (const { title, rows } of result.tables ?? []) {
    console.log(`\n${title}`);
    printRows(rows);
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
  await sandbox?.close();
}

/** Servers of its own for a benchmark that needs them. */
async function openServers() {
  if (bench.needsServers === false) return undefined;
  const { openSandbox } = await import('./sandbox/sandbox.mjs');
  const opened = await openSandbox(`bench-${name}`, { say });
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => void opened.close().then(() => process.exit(130)));
  return opened;
}

/** The benchmark and its settings; ends the process with help when they cannot be understood. */
function understand(args) {
  const own = Object.values(BENCHES).map(({ options }) => options ?? {});
  const every = Object.assign({}, ...own, COMMON);
  const undefaulted = Object.fromEntries(
    Object.entries(every).map(([option, { type }]) => [option, { type }]),
  );
  let given;
  try {
    given = parseArgs({ args, allowPositionals: true, options: undefaulted });
  } catch (error) {
    refuse([error.message]);
  }
  const [wanted] = given.positionals;
  if (given.values.help || !wanted) {
    console.log(help());
    process.exit(given.values.help ? 0 : 2);
  }
  if (!Object.hasOwn(BENCHES, wanted)) refuse([`There is no benchmark ${wanted}.`]);
  const chosen = BENCHES[wanted];
  const options = { ...chosen.options, ...COMMON };
  const foreign = Object.keys(given.values).filter((option) => !Object.hasOwn(options, option));
  const defaults = Object.fromEntries(Object.entries(options).map(([option, one]) => [option, one.default]));
  const completed = { ...defaults, ...given.values };
  const { wrong = [], settings: read = {} } = chosen.settingsOf?.(completed) ?? {};
  const faults = [
    ...(given.positionals.length > 1 ? ['Give one name.'] : []),
    ...foreign.map((option) => `--${option} is no option of ${wanted}.`),
    ...wrong,
  ];
  if (faults.length > 0) refuse(faults);
  return { bench: chosen, name: wanted, values: completed, settings: read };
}

function refuse(faults) {
  console.error(`${faults.join('\n')}\n\n${help()}`);
  process.exit(2);
}

function help() {
  const benches = Object.entries(BENCHES);
  const list = benches.map(([one, { summary }]) => `  ${one.padEnd(10)} ${summary}`);
  const own = benches.filter(([, one]) => one.help).map(([one, { help: text }]) => `\n${one}:\n${text}`);
  return `npm run bench -- NAME [options]

${list.join('\n')}

  --json FILE        writes the figures as data
  --data DIR         folder with the real data sets (default ../shared/data)
  --help             this text
${own.join('\n')}`;
}
