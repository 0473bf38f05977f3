import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './workspace/command.mjs';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

const HELP = `npm run check

Checks formatting, lint, types, module boundaries, imports (no circles, no app from outside it, nothing of specs in what
is delivered, only listed packages in pure layers), look-ups of names from outside and manifests of the whole
repository; that the committed WebAssembly build of the training kernel matches
its sources, that every app can be packed from the files that an image build sees, that releases.json names the commits
of all releases, that docs/reference matches the code, and that every link and path of the documentation exists.
Exits with 1 if a check fails.`;

/** @param {string[]} path in node_modules */
const program = (...path) => join(root, 'node_modules', ...path);

/**
 * A step that is a Node program: fails if the program fails.
 *
 * @param {string[]} args
 */
const node = (...args) =>
  run(process.execPath, args, { cwd: root, env: { ...process.env, NX_DAEMON: 'false' }, quiet: true });

/** @param {string} project its configuration @param {string} name of its cache file */
const types = (project, name) =>
  node(
    program('typescript', 'bin', 'tsc'),
    ...['--project', project, '--incremental', '--tsBuildInfoFile', join('.cache', `${name}.tsbuildinfo`)],
  );

const lint = () =>
  node(
    program('eslint', 'bin', 'eslint.js'),
    ...['--max-warnings=0', '--cache', '--cache-strategy=content', '--cache-location=.cache/eslint', '.'],
  );

/** @typedef {readonly [name: string, step: () => Promise<{code: number, output: string}>]} Step */

/** Run one after the other; lint takes about as long as all steps of the other list. @type {readonly Step[]} */
const BY_ESLINT = [
  ['project graph', writeProjectGraph],
  ['lint', lint],
  ['boundaries', checkBoundaries],
];
/** Run in parallel to the list above, one after the other: each keeps one core busy. @type {readonly Step[]} */
const BY_OTHERS = [
  ['types', () => types('tsconfig.json', 'types')],
  ['types of tools', () => types(join('tools', 'tsconfig.json'), 'types-tools')],
  ['formatting', () => node(program('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.')],
  ['imports', () => node(join(root, 'tools', 'checks', 'imports', 'check.mjs'))],
  ['own keys', () => node(join(root, 'tools', 'checks', 'own-keys.mjs'))],
  ['manifests', checkManifests],
  // Compiled again: the committed module must match its sources.
  ['wasm module', () => node(join(root, 'tools', 'build-kernel.mjs'), '--check')],
  ['image context', () => node(join(root, 'tools', 'checks', 'image-context.mjs'))],
  ['reference', () => node(join(root, 'tools', 'docs', 'reference.mjs'), '--check')],
  ['rule tables', () => node(join(root, 'tools', 'docs', 'rule-tables.mjs'), '--check')],
  ['links of docs', () => node(join(root, 'tools', 'docs', 'links.mjs'))],
  ['releases', () => node(join(root, 'tools', 'releases', 'check.mjs'))],
  ['index of ADRs', () => node(join(root, 'tools', 'docs', 'adr-index.mjs'), '--check')],
];

/** Without a stored project graph the boundaries rule accepts everything and only warns. */
async function writeProjectGraph() {
  const { createProjectGraphAsync } = await import('@nx/devkit');
  process.env.NX_DAEMON = 'false';
  await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: false });
  return { code: 0, output: '' };
}

async function checkBoundaries() {
  const { boundaryFaults } = await import('./checks/boundaries.mjs');
  const faults = await boundaryFaults();
  return { code: faults.length, output: faults.join('\n') };
}

async function checkManifests() {
  const check = join(root, 'tools', 'checks', 'manifests', 'check.mjs');
  return existsSync(check) ? node(check) : { code: 0, output: '' };
}

/**
 * Prints output and result of a step when it has ended, because steps of the other list run at the same time.
 *
 * @param {Step} named
 */
async function take([name, step]) {
  const started = performance.now();
  const { code, output } = await step().catch((error) => ({ code: 1, output: error.message }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (output.trim()) console.error(output.trimEnd());
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(14)} ${seconds.padStart(6)} s`);
  if (code !== 0) process.exitCode = 1;
}

/** @param {readonly Step[]} steps */
async function takeInTurn(steps) {
  for (const step of steps) await take(step);
}

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  await ensurePackages();
  await Promise.all([BY_ESLINT, BY_OTHERS].map(takeInTurn));
}

await main();
