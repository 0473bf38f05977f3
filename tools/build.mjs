import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from './command.mjs';
import { ensureKernel } from './kernel/build.mjs';
import { ensurePackages, root } from './workspace.mjs';

/** Compiles the kernel, and packs every app; Nx takes from its cache what has not changed. */
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await ensurePackages();
  const apps = await buildApps().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
  console.log(`built ${apps.join(', ')} into dist/apps`);
}
