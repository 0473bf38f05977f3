// `npm run chaos`: kills everything again and again while fan-outs run, then proves that nothing was lost or doubled.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensurePackages } from './workspace.mjs';

const HELP = `npm run chaos [-- options]

Starts two processes of each service over servers of its own and asks for models of all products again and again.
Meanwhile kills (SIGKILL) each service, NATS (also with its store erased), the database and the object store at random
moments. When all is quiet, checks that every run ended once, that each promoted run left one version, that no stage
left two results and that nothing stood still. Ends with 1 when a check fails.

  --kills N      how many kills (default 36, at least 18: every kind twice)
  --products N   products in a fan-out (default 24)
  --seed S       order and moments of the kills (default 1)
  --json FILE    writes the figures as data
  --keep-logs    leaves the services' logs in .stack/chaos/logs
  --help         this text`;

const FAULTS_SHOWN = 10;
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '36' },
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
const { FEWEST_KILLS } = await import('./chaos/kill-plan.mjs');
const { runChaos } = await import('./chaos/run-chaos.mjs');
const { openSandbox } = await import('./sandbox/sandbox.mjs');
const options = {
  kills: wholeNumber('kills', FEWEST_KILLS),
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
