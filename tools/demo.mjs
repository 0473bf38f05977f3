// `npm run demo`: the whole factory on this machine, from an empty folder to scored visits.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

const HELP = `npm run demo [-- options]

Installs what is missing, starts NATS, a database and an object store, loads a simulated shop and, where they are at
hand, two real data sets, starts the five services, sends the retrain message as a scheduler would, and ends with a
table and a few scored visits. Everything runs on loopback and is removed at the end.

  --data DIR    folder with the real data sets (default ../shared/data)
  --grid NAME   quick (default), standard or full
  --json FILE   writes the closing table as data
  --help        this text`;

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '..', 'shared', 'data') },
    grid: { type: 'string', default: 'quick' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const PRODUCTS = ['1:24000:0.09', '2:36000:0.04', '3:60000:0.02'];
const started = Date.now();
const say = (line) =>
  console.log(`${`${((Date.now() - started) / 1000).toFixed(0)} s`.padStart(6)}  ${line}`);

await ensurePackages();
const { openSandbox } = await import('./sandbox/sandbox.mjs');
const { runDemo } = await import('./demo/run-demo.mjs');
const sandbox = await openSandbox('demo', { say });
let failed = true;
const stop = async () => {
  await sandbox.close();
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void stop().then(() => process.exit(130)));
try {
  const rows = await runDemo(sandbox, {
    say,
    products: PRODUCTS,
    grid: values.grid,
    dataFolder: resolve(values.data),
  });
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  failed = rows.some(({ outcome }) => outcome === 'failed' || outcome === 'cancelled');
} catch (error) {
  console.error(error.message);
} finally {
  await stop();
}
say(failed ? 'the demo failed' : 'done; everything is stopped and removed');
process.exitCode = failed ? 1 : 0;
