// `npm run chaos`: repeatedly kills every process while fan-outs run, then proves that nothing was lost or duplicated.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sayElapsed } from './sandbox/say-elapsed.mjs';
import { ensurePackages } from './install/ensure-packages.mjs';

const HELP = `npm run chaos [-- options]

Starts two processes of each service on separate servers and requests models of all products repeatedly.
In the meantime it kills (SIGKILL) each service, NATS (also with its store erased), the database and the object store at random
moments, makes the ledger read-only for a while, as a failover does, lets ledger, source or store refuse the account
for 60 s, and closes the port of a second source. At the end it checks that every run ended once, that each
promoted run left one version, that no stage left two results, that no work was stuck, that the services named each
unavailable server, and that other sources were read while one was dead. Exits with 1 if a check fails.

  --kills N      number of kills (default 40, at least every kind twice)
  --only KIND    kills of this kind only, repeatable: the name of a service, broker, "broker and its store",
                 database, store, "failover: ledger read-only", "ledger refuses the account", "source refuses the
                 account", "store refuses the account", "dead source"
  --products N   products per request (default 24)
  --seed S       seed of order and moments of the kills (default 1)
  --json FILE    writes the figures as data
  --keep-logs    keeps the services' logs in .stack/chaos/logs
  --help         this text`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    only: { type: 'string', multiple: true },
    products: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    'keep-logs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const say = sayElapsed();
await ensurePackages();
const { VICTIMS, fewestKills } = await import('./chaos/kill-plan.mjs');
const { reportText } = await import('./chaos/report-text.mjs');
const { runChaos } = await import('./chaos/run-chaos.mjs');
const { withSandbox } = await import('./sandbox/with-sandbox.mjs');
const kinds = values.only ?? VICTIMS;
for (const kind of kinds)
  if (!VICTIMS.includes(kind)) refuse(`--only ${kind}: choose from ${VICTIMS.join(', ')}`);
const options = {
  kills: wholeNumber('kills', fewestKills(kinds)),
  kinds,
  products: wholeNumber('products', 1),
  seed: wholeNumber('seed', 0),
  say,
};
say(`seed ${options.seed}, ${options.kills} kills, ${options.products} products`);
let passed = false;
try {
  const keepLogs = values['keep-logs'];
  passed = await withSandbox('chaos', { say, keepLogs }, async (sandbox) => {
    const report = await runChaos(sandbox, options);
    console.log(reportText(report));
    if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.checks.every(({ faults }) => faults.length === 0);
  });
} catch (error) {
  console.error(error instanceof Error ? error.stack : error);
}
say(passed ? 'all checks passed' : 'chaos found faults');
process.exitCode = passed ? 0 : 1;

/**
 * @param {'kills' | 'products' | 'seed'} name
 * @param {number} least
 */
function wholeNumber(name, least) {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  return refuse(`--${name} ${values[name]}: give a whole number of at least ${least}`);
}

/**
 * @param {string} reason
 * @returns {never}
 */
function refuse(reason) {
  console.error(reason);
  process.exit(2);
}
