import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureKernel } from '../kernel/build.mjs';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/** Compiles the kernel and bundles every app; Nx takes unchanged outputs from its cache. */
export async function buildApps() {
  await ensureKernel();
  const apps = readdirSync(join(root, 'apps')).filter((app) =>
    existsSync(join(root, 'apps', app, 'src', 'main.ts')),
  );
  const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  await mustRun(
    process.execPath,
    [nx, 'run-many', '-t', 'build', '-p', apps.join(','), '--outputStyle=static'],
    {
      cwd: root,
      env: { ...process.env, NX_DAEMON: 'false' },
      quiet: true,
    },
  );
  return apps;
}
