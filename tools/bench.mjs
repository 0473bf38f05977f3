// `npm run bench -- <name>`: runs one benchmark, prints tables, exits with 1 if it misses its target.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensurePackages } from './install/ensure-packages.mjs';
import { sayElapsed } from './sandbox/say-elapsed.mjs';
import { root } from './workspace/root.mjs';

/**
 * @import { BenchContext } from './bench/bench.mjs'
 * @import { Sandbox } from './sandbox/sandbox.mjs'
 */

await ensurePackages();
const { helpText, understand } = await import('./bench/arguments.mjs');
const { BENCHES } = await import('./bench/benches.mjs');
const { resultText } = await import('./bench/result-text.mjs');
const understood = understand(process.argv.slice(2), BENCHES);
if (understood.wanted === 'help') {
  console.log(helpText(BENCHES));
  process.exit(0);
}
if (understood.wanted === 'refusal') {
  console.error(`${understood.faults.join('\n')}\n\n${helpText(BENCHES)}`);
  process.exit(2);
}

const { name, measure, json, data } = understood;
const say = sayElapsed();
/** @type {Sandbox | undefined} */
let sandbox;
/** @type {BenchContext['openServers']} */
const openServers = async () => {
  const { openSandbox } = await import('./sandbox/sandbox.mjs');
  const { closeOnSignals } = await import('./sandbox/with-sandbox.mjs');
  const opened = await openSandbox(`bench-${name}`, { say });
  sandbox = opened;
  closeOnSignals(() => opened.close());
  return opened;
};
process.exitCode = 1;
try {
  const dataFolder = data ? resolve(data) : join(root, '..', 'shared', 'data');
  const result = await measure({ say, dataFolder, openServers });
  console.log(resultText(result));
  if (json) writeFileSync(json, `${JSON.stringify({ bench: name, ...result }, null, 2)}\n`);
  process.exitCode = result.faults.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
} finally {
  await sandbox?.close();
}
