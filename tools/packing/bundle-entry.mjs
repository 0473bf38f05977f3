import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import { root } from '../workspace/root.mjs';

/**
 * Bundles a tool's `<name>.entry.mjs` with the factory's own code into `.cache/entries/<name>.cjs`; npm packages are not
 * bundled.
 *
 * @param {string} entry path from the root
 * @returns {Promise<string>} the bundled file
 */
export function bundleEntry(entry) {
  return pack(basename(entry, '.entry.mjs'), `export * from ${JSON.stringify(`./${entry}`)};`);
}

/**
 * Bundles several modules into one, so that shared code is loaded once, and loads it. This is how checks load an app's
 * own files, which no other file imports.
 *
 * @param {string} name of the bundled file
 * @param {Readonly<Record<string, string>>} modules paths from the root by name
 * @returns {Promise<Record<string, unknown>>} what each exports, by the same names
 */
export async function loadModules(name, modules) {
  const source = Object.entries(modules).map(
    ([as, path]) => `export * as ${JSON.stringify(as)} from ${JSON.stringify(`./${path}`)};`,
  );
  return createRequire(import.meta.url)(await pack(name, source.join('\n')));
}

/**
 * @param {string} name
 * @param {string} source of the module that imports the others, as if it were in the root
 * @returns {Promise<string>}
 */
async function pack(name, source) {
  const outfile = join(root, '.cache', 'entries', `${name}.cjs`);
  await build({
    absWorkingDir: root,
    stdin: { contents: source, resolveDir: root, sourcefile: `${name}.js` },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    packages: 'external',
    tsconfig: join(root, 'tsconfig.base.json'),
    alias: aliases(),
    define: {
      'import.meta.url': '__bundleUrl',
      // The training kernel looks for its builds relative to its sources.
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
