import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../workspace/root.mjs';

/**
 * Packs a tool's `<name>.entry.mjs` with the factory's own code into `.cache/entries/<name>.cjs`; packages stay where
 * they are installed.
 *
 * @param {string} entry path from the root
 * @returns {Promise<string>} the packed file
 */
export async function bundleEntry(entry) {
  const outfile = join(root, '.cache', 'entries', `${basename(entry, '.entry.mjs')}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    alias: aliases(),
    tsconfig: join(root, 'tsconfig.base.json'),
    define: {
      'import.meta.url': '__bundleUrl',
      // The training kernel looks for its builds from where its sources lie.
      __dirname: JSON.stringify(join(root, 'libs', 'training-kernel', 'src')),
    },
    banner: { js: "const __bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  });
  return outfile;
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
