// The `factory` command from source: bundles apps/cli if it has changed and passes all arguments to it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readState } from './stack/state.mjs';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

/** Addresses of the stack in .stack, for variables that the caller has not set. */
function stackAddresses() {
  return Object.assign({}, ...Object.values(readState(join(root, '.stack')).servers).map(({ env }) => env));
}

await ensurePackages();
const { ensureBundle } = await import('./packing/ensure-bundle.mjs');
const main = await ensureBundle('cli');
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...stackAddresses(), ...process.env },
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 130 : (code ?? 1);
});
