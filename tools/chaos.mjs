// `npm run chaos`: kills everything again and again while fan-outs run, then proves that nothing was lost or doubled.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensurePackages } from './install/ensure-packages.mjs';

const HELP = `npm run chaos [-- options]

Starts two processes of each service over servers of its own and asks for models of all products again and again.
Meanwhile kills (SIGKILL) each service, NATS (also with its store erased), the database and the object store at random
moments, makes the ledger read-only for a while, as a failover does, lets ledger, source or store refuse the account
for 60 s, and closes the port of a second source. When all is quiet, checks that every run ended once, that each
promoted run left one version, that no stage left two results, that nothing stood still, that the services named each
server that could not be used, and that other sources were read while one was dead. Ends with 1 when a check fails.

  --kills N      how many kills (default 40, at least every kind twice)
  --only KIND    kills of this kind only, may be repeated: the name of a service, broker, "broker and its store",
                 database, store, "failover: ledger read-only", "ledger refuses the account", "source refuses the
                 account", "store refuses the account", "dead source"
  --products N   products in a fan-out (default 24)
  --seed S       order and moments of the kills (default 1)
  --json FILE    writes the figures as data
  --keep-logs    leaves the services' logs in .stack/chaos/logs
  --help         this text`;

const FAULTS_SHOWN = 10;
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

const began = Date.now();
const say = (line) => console.log(`${`${((Date.now() - began) / 1000).toFixed(0)} s`.padStart(6)}  ${line}`);

await ensurePackages();
const { VICTIMS, fewestKills } = await import('./chaos/kill-plan.mjs');
const { runChaos } = await import('./chaos/run-chaos.mjs');
const { openSandbox } = await import('./sandbox/sandbox.mjs');
const kinds = values.only ?? VICTIMS;
for (const kind of kinds)
  if (!VICTIMS.includes(kind)) {
    console.error(`--only ${kind}: choose from ${VICTIMS.join(', ')}`);
    process.exit(2);
  }
const options = {
  kills: wholeNumber('kills', fewestKills(kinds)),
  kinds,
  products: wholeNumber('products', 1),
  seed: wholeNumber('seed', 0),
};
say(`seed ${options.seed}, ${options.kills} kills, ${options.products} products`);
const sandbox = await openSandbox('chaos', { say });
const close = () => sandbox.close({ keepLogs: values['keep-logs'] });
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void close().then(() => process.exit(130)));
let passed = false;
try {
  const report = await runChaos(sandbox, { ...options, say });
  passed = report.checks.every(({ faults }) => faults.length === 0);
  print(report);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
} catch (error) {
  console.error(error.stack);
} finally {
  await close();
}
say(passed ? 'everything held' : 'chaos found faults');
process.exitCode = passed ? 0 : 1;

function wholeNumber(name, least) {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  console.error(`--${name} ${values[name]}: give a whole number of at least ${least}`);
  process.exit(2);
}

function print({ kills, checks, figures }) {
  console.log('\nkills');
  for (const [victim, count] of Object.entries(kills))
    console.log(`  ${String(count).padStart(3)}  ${victim}`);
  console.log('\nfigures');
  for (const [name, figure] of Object.entries(figures)) console.log(`  ${name}: ${textOf(figure)}`);
  console.log('\nchecks');
  for (const { rule, faults } of checks) {
    console.log(`  ${faults.length === 0 ? 'held  ' : 'BROKEN'}  ${rule}`);
    for (const fault of faults.slice(0, FAULTS_SHOWN)) console.log(`            ${fault}`);
    if (faults.length > FAULTS_SHOWN) console.log(`            and ${faults.length - FAULTS_SHOWN} more`);
  }
  console.log('');
}

function textOf(figure) {
  if (typeof figure?.seconds === 'number')
    return `${figure.seconds.toFixed(1)} s${figure.unit ? `, ${figure.unit}` : ''}`;
  if (typeof figure === 'number') return String(Math.round(figure * 10) / 10);
  return JSON.stringify(figure);
}
