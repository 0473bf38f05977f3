import { build } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../workspace/root.mjs';
import { filesBeside } from './files-beside.mjs';
import { optionalPeersPlugin } from './optional-peers-plugin.mjs';
import { typescriptPlugin } from './typescript-plugin.mjs';

/** Native bindings are installed where needed, never bundled. */
const NEVER_BUNDLED = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

/**
 * Bundles an app into `dist/apps/<app>/main.cjs` and `<name>.worker.cjs`: everything except native bindings, so that
 * Node can start it without installed packages.
 *
 * @param {string} app
 * @param {{top?: string}} [options] `top`: root of the workspace that contains the app; default: this one
 * @throws Error if a source can't be compiled, or an import can't be resolved
 */
export async function bundle(app, { top = root } = {}) {
  const out = join(top, 'dist', 'apps', app);
  const { outputFiles, metafile } = await build({
    absWorkingDir: top,
    entryPoints: entryPoints(join(top, 'apps', app, 'src')),
    outdir: out,
    outExtension: { '.js': '.cjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    keepNames: true,
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'warning',
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: "const __bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
    external: NEVER_BUNDLED,
    plugins: [typescriptPlugin(top), optionalPeersPlugin],
  });
  for (const file of filesBeside(top, Object.keys(metafile.inputs)))
    replaceFile(join(out, basename(file)), readFileSync(file));
  // The entry point last: its time shows whether a bundle is up to date.
  for (const { path, contents } of outputFiles.reverse()) replaceFile(path, contents);
}

/**
 * `main.ts`, and every `<name>.worker.ts` as a separate file next to it.
 *
 * @param {string} source folder
 * @returns {Record<string, string>} source paths by output name
 */
function entryPoints(source) {
  const workers = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.worker.ts'),
  );
  const paths = new Map([['main', join(source, 'main.ts')]]);
  for (const file of workers) {
    const name = basename(file, '.ts');
    if (paths.has(name))
      throw new Error(`${join(source, file)}: another worker is named ${name}; rename one.`);
    paths.set(name, join(source, file));
  }
  return Object.fromEntries(paths);
}

/**
 * Writes a file atomically, so that a started process never reads an incomplete one.
 *
 * @param {string} path
 * @param {Uint8Array} contents
 */
function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}

async function main() {
  const app = process.argv[2];
  if (!app) throw new Error('usage: node tools/packing/bundle.mjs APP');
  await bundle(app);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) void main();
