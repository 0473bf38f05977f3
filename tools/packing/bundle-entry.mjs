import { build } from 'esbuild';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import { root } from '../workspace/root.mjs';

/**
 * Packs a tool's `<name>.entry.mjs` with the factory's own code into `.cache/entries/<name>.cjs`; packages stay where
 * they are installed.
 *
 * @param {string} entry path from the root
 * @returns {Promise<string>} the packed file
 */
export function bundleEntry(entry) {
  return pack(basename(entry, '.entry.mjs'), `export * from ${JSON.stringify(`./${entry}`)};`);
}

/**
 * Packs several modules into one, so that what they share is there once, and loads it. An app's own files are loaded
 * like this by the checks that compare them with something: no file imports them.
 *
 * @param {string} name of the packed file
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
 * @param {string} source of the module that names the others, as if it were in the root
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
      // The training kernel looks for its builds from where its sources are.
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
