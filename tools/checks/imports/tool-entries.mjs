import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What each folder of tools offers to the others and to the commands in tools/.
 *
 * @type {import('./rules.mjs').ToolEntries}
 */
export const TOOL_ENTRIES = {
  bench: ['arguments.mjs', 'bench.mjs', 'benches.mjs', 'result-text.mjs'],
  chaos: ['kill-plan.mjs', 'report-text.mjs', 'run-chaos.mjs'],
  checks: ['boundaries.mjs', 'manifests/code-names.mjs'],
  demo: ['real-data.mjs', 'run-demo.mjs'],
  docs: [],
  e2e: [],
  fixtures: [],
  'independent-check': [],
  install: [
    'chromium.mjs',
    'debian-unpacked.mjs',
    'debian.mjs',
    'ensure-packages.mjs',
    'node-package.mjs',
    'python-venv.mjs',
  ],
  kernel: ['build.mjs'],
  packing: ['build-apps.mjs', 'bundle-entry.mjs', 'dockerfile.mjs', 'ensure-bundle.mjs', 'load-entry.mjs'],
  releases: [],
  sandbox: [
    'bucket.mjs',
    'environment.mjs',
    'factory-command.mjs',
    'fleet.mjs',
    'forwarder.mjs',
    'ledger.mjs',
    'retrain.mjs',
    'sandbox.mjs',
    'say-elapsed.mjs',
    'service-process.mjs',
    'services.mjs',
    'with-sandbox.mjs',
  ],
  stack: ['database-process.mjs', 'provision.mjs', 'servers.mjs', 'stack.mjs', 'state.mjs'],
  tests: ['counts.mjs', 'rounds.mjs', 'run-rounds.mjs'],
  'tfjs-native': ['ensure.mjs'],
  workspace: ['command.mjs', 'error-message.mjs', 'root.mjs'],
};

/**
 * Folders that the rule would pass over, and entries that are gone.
 *
 * @param {string} top full path of the repository
 * @param {import('./rules.mjs').ToolEntries} entries
 * @returns {readonly string[]} for somebody who has to put it right
 */
export function entryFaults(top, entries) {
  const tools = join(top, 'tools');
  const folders = readdirSync(tools, { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map(({ name }) => name);
  return [
    ...folders
      .filter((folder) => !(folder in entries))
      .map((folder) => `tools/${folder} offers what? name it in tools/checks/imports/tool-entries.mjs`),
    ...Object.entries(entries)
      .flatMap(([folder, files]) => files.map((file) => `${folder}/${file}`))
      .filter((file) => !existsSync(join(tools, file)))
      .map((file) => `tools/${file} is no file: remove it from tools/checks/imports/tool-entries.mjs`),
  ];
}
