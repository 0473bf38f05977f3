import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../workspace.mjs';

/**
 * What the code itself says of variables, streams, consumers and sources: the services' own schemas, compiled
 * and loaded.
 */
export async function loadCodeNames() {
  const outfile = join(root, '.cache', 'manifests', 'code-names.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'tools', 'manifests', 'code-names.entry.mjs')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    alias: aliases(),
    tsconfig: join(root, 'tsconfig.base.json'),
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
  return createRequire(import.meta.url)(outfile);
}

/** `@factory/<lib>` as in tsconfig.base.json: its paths don't reach entry points in JavaScript. */
function aliases() {
  return Object.fromEntries(
    readdirSync(join(root, 'libs')).map((lib) => [
      `@factory/${lib}`,
      join(root, 'libs', lib, 'src', 'index.ts'),
    ]),
  );
}

/** The apps as folders. */
export const appNames = () => readdirSync(join(root, 'apps'));
