// `npm run demo`: the whole factory on this machine, from an empty folder to scored visits.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { GRIDS, gridOf } from './sandbox/retrain.mjs';
import { sayElapsed } from './sandbox/say-elapsed.mjs';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

const HELP = `npm run demo [-- options]

Installs what is missing, starts NATS, a database and an object store, loads a simulated shop and, if available,
two real data sets, starts the five services, sends the retrain message like a scheduler, and ends with a
table and a few scored visits. Everything runs on loopback and is removed at the end.

  --data DIR    folder with the real data sets (default ../shared/data)
  --grid NAME   quick (default), standard or full
  --json FILE   writes the final table as JSON
  --database DB mariadb, or mysql (9 of Debian unstable); default: MySQL 8.4 where Docker runs, else MariaDB
  --help        this text`;

/** Each `id:visits:share of goals`. */
const PRODUCTS = ['1:24000:0.09', '2:36000:0.04', '3:60000:0.02'];

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '..', 'shared', 'data') },
    grid: { type: 'string', default: 'quick' },
    json: { type: 'string' },
    database: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const grid = gridOf(values.grid);
if (!grid) {
  console.error(`--grid ${values.grid}: give ${GRIDS.join(', ')}`);
  process.exit(2);
}

const say = sayElapsed();
await ensurePackages();
const { withSandbox } = await import('./sandbox/with-sandbox.mjs');
const { runDemo } = await import('./demo/run-demo.mjs');
let failed = true;
try {
  const options = { say, products: PRODUCTS, grid, dataFolder: resolve(values.data) };
  const rows = await withSandbox('demo', { database: values.database, say }, (sandbox) =>
    runDemo(sandbox, options),
  );
  if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  failed = rows.some(({ outcome }) => outcome === 'failed' || outcome === 'cancelled');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
}
say(failed ? 'the demo failed' : 'done; everything is stopped and removed');
process.exitCode = failed ? 1 : 0;
