import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, root } from './workspace.mjs';

const HELP = `npm test [-- [--unit] [-- Jest's options]]

Installs what is missing, packs the apps, starts servers of its own in .stack/test (or uses those that the
environment names), runs every spec, stops the servers, and closes with one line: N passed, N failed.

  --unit   only specs that need no server (*.spec.ts)
  --       what follows goes to Jest, for example: npm test -- -- -t "dead letter"`;

const PARENT = join(root, '.stack');
const STACK = join(PARENT, 'test');
const REPORTS = join(root, '.cache', 'jest');
/** For checks that must not share code with what they check. */
const PYTHON_PACKAGES = [
  'pyarrow==21.0.0',
  'numpy==2.2.6',
  'pandas==2.3.3',
  'scikit-learn==1.7.2',
  'nats-py==2.11.0',
];

/** Specs of the chain start a dozen processes each: one at a time. */
const SERVERLESS = { kinds: 'spec', workers: 2 };
const ONE_SERVER = { kinds: 'int-spec', workers: 2 };
const CHAIN = { kinds: 'e2e-spec', workers: 1 };

let jest;
let interrupted = false;

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed what was left out counts as failed
 * @property {readonly string[]} names of what failed
 */

/** @returns {Promise<Counts>} what Jest counted */
async function runSpecs({ kinds, workers }, env, jestOptions) {
  const report = join(REPORTS, `${kinds}.json`);
  mkdirSync(REPORTS, { recursive: true });
  rmSync(report, { force: true });
  const args = [
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--config=jest.config.js',
    `--maxWorkers=${workers}`,
    '--passWithNoTests',
    // A connection that a failed spec left open must not keep everybody waiting.
    '--forceExit',
    '--json',
    `--outputFile=${report}`,
    ...jestOptions,
  ];
  // Jest's JSON goes to the file, its words to stderr.
  const stdio = ['ignore', 'ignore', 'inherit'];
  jest = spawn(process.execPath, args, { cwd: root, env: { ...env, FACTORY_SPECS: kinds }, stdio });
  await new Promise((resolve) => jest.once('close', resolve));
  jest = undefined;
  if (!existsSync(report)) return { passed: 0, failed: 1, names: [`${kinds}: Jest left no report`] };
  const counted = JSON.parse(readFileSync(report, 'utf8'));
  const narrowed = jestOptions.length > 0;
  const left = counted.numTodoTests + (narrowed ? 0 : counted.numPendingTests);
  if (left > 0) console.error(`${left} specs were skipped: none may be`);
  return {
    passed: counted.numPassedTests,
    failed: counted.numFailedTests + counted.numRuntimeErrorTestSuites + left,
    names: namesOfFailed(counted.testResults),
  };
}

/** Said again at the end: in a long log what failed is hard to find. */
function namesOfFailed(files) {
  return files
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      const titles = failed.length > 0 ? failed.map(({ fullName }) => fullName) : ['did not run'];
      return titles.map((title) => `${relative(root, name)}: ${title}`);
    });
}

async function runAll(phases, env, jestOptions) {
  const total = { passed: 0, failed: 0, names: [] };
  for (const phase of phases) {
    if (interrupted) break;
    const { passed, failed, names } = await runSpecs(phase, env, jestOptions);
    total.passed += passed;
    total.failed += failed;
    total.names.push(...names);
  }
  return total;
}

/** Everything that specs with servers need, in the order of its cost. */
async function withServers(work) {
  const { buildApps } = await import('./build.mjs');
  const { pythonVenv } = await import('./stack/python-venv.mjs');
  const { up, down } = await import('./stack/stack.mjs');
  const { provision } = await import('./stack/provision.mjs');
  const { ensureTfjsNative } = await import('./tfjs-native/ensure.mjs');
  const say = (line) => console.error(line);
  await pythonVenv(join(root, '.cache', 'python'), PYTHON_PACKAGES);
  await ensureTfjsNative('cpu', { say });
  say(`packed ${(await buildApps()).join(', ')}`);
  try {
    const addresses = await up(STACK, { say });
    await provision(addresses, say);
    return await work({ ...process.env, ...addresses });
  } finally {
    await down(STACK);
    // Somebody's own stack may stand beside.
    if (existsSync(PARENT) && readdirSync(PARENT).length === 0) rmdirSync(PARENT);
  }
}

async function main({ unit }, jestOptions) {
  await ensurePackages();
  // Only a remark on the age of Node, once for each spec that talks to S3.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  if (unit) return runAll([SERVERLESS], process.env, jestOptions);
  return withServers((env) => runAll([SERVERLESS, ONE_SERVER, CHAIN], env, jestOptions));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    jest?.kill('SIGTERM');
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
} else {
  const total = await main(values, positionals).catch((error) => {
    return { passed: 0, failed: 1, names: [error.message] };
  });
  for (const name of total.names) console.error(`FAILED ${name}`);
  if (total.passed === 0 && total.failed === 0) console.error('no spec was run');
  process.exitCode = interrupted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0;
  console.log(`${total.passed} passed, ${total.failed} failed`);
}
