import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/** Installs the packages if they are missing or older than the lock file. */
export async function ensurePackages() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  // A symbolic link points to another checkout's folder: `npm ci` would empty it.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.error('installing packages (npm ci)');
  await mustRun('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    todo: 'Check that the package registry can be reached, then run it again.',
  });
}
