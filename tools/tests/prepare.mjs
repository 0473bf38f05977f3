import { join } from 'node:path';
import { buildApps } from '../packing/build-apps.mjs';
import { ensureChromium } from '../install/chromium.mjs';
import { pythonVenv } from '../install/python-venv.mjs';
import { serverOf } from '../stack/servers.mjs';
import { ensureTfjsNative } from '../tfjs-native/ensure.mjs';
import { root } from '../workspace/root.mjs';
import { nodeRuntime } from './node-runtime.mjs';

/** For checks that must not share code with the checked program. */
const PYTHON_PACKAGES = [
  'pyarrow==21.0.0',
  'numpy==2.2.6',
  'pandas==2.3.3',
  'scikit-learn==1.7.2',
  'nats-py==2.11.0',
];

/**
 * Prepares what specs with servers need in addition to the servers. None of it depends on the Node.js that runs them:
 * bundles are JavaScript, native builds use Node-API.
 *
 * @param {{rounds: readonly import('./rounds.mjs').Round[], env: NodeJS.ProcessEnv, say: (line: string) => void}} options
 */
export async function prepare({ rounds, env, say }) {
  /** @param {import('./rounds.mjs').Phase['kind']} kind */
  const has = (kind) => rounds.some(({ phases }) => phases.some((phase) => phase.kind === kind));
  const fetched = fetchRuntimes(rounds, env);
  // One after the other: each may install packages of Debian.
  await pythonVenv(join(root, '.cache', 'python'), PYTHON_PACKAGES);
  if (has('e2e-spec')) await ensureChromium();
  say(`bundled ${(await buildApps()).join(', ')}`);
  if (has('slow-spec')) await ensureTfjsNative('cpu', { say });
  await fetched;
}

/**
 * Downloads Node.js versions and databases of the rounds, while the rest is prepared.
 *
 * @param {readonly import('./rounds.mjs').Round[]} rounds
 * @param {NodeJS.ProcessEnv} env
 */
async function fetchRuntimes(rounds, env) {
  for (const { node, database } of rounds) {
    try {
      if (node) await nodeRuntime(node, env);
      if (database) await serverOf('database', { database }).binary();
    } catch {
      // The round tries again, and reports the error.
    }
  }
}
