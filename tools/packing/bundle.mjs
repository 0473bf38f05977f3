import { transform } from '@swc/core';
import { build } from 'esbuild';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../workspace/root.mjs';

/** Native bindings are installed where they are wanted, never packed. */
const NEVER_BUNDLED = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
/** Folders whose code reads these files from the bundle's own folder. */
const FILES_BESIDE = [
  {
    code: 'node_modules/@tensorflow/tfjs-backend-wasm/dist',
    files: () => filesIn('node_modules/@tensorflow/tfjs-backend-wasm/dist', '.wasm'),
  },
  {
    code: 'libs/training-kernel/src',
    files: () => [
      ...filesIn('libs/training-kernel/wasm', '.wasm'),
      ...filesIn('dist/training-kernel', '.node'),
    ],
  },
];

/** Full paths; none when there is no such folder. */
function filesIn(folder, ending) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(path, name));
}

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** TypeScript through swc: esbuild drops the decorator metadata that Nest needs. */
function typescript() {
  const swc = readJson('.swcrc');
  const { paths } = readJson('tsconfig.base.json').compilerOptions;
  return {
    name: 'typescript',
    setup({ onResolve, onLoad, resolve: lookUp }) {
      // No source does anything by being loaded: a worker that needs one function of a lib gets no S3 client with it.
      onResolve({ filter: /^@factory\// }, ({ path }) =>
        paths[path]
          ? { path: resolve(root, paths[path][0]), sideEffects: false }
          : { errors: [{ text: `${path}: no such lib` }] },
      );
      onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === 'asked' || !importer.endsWith('.ts') || importer.includes('node_modules')) return;
        const found = await lookUp(path, { importer, resolveDir, kind, pluginData: 'asked' });
        return { ...found, sideEffects: false };
      });
      onLoad({ filter: /\.ts$/ }, async ({ path: filename }) => {
        const { code } = await transform(await readFile(filename, 'utf8'), {
          ...swc,
          swcrc: false,
          filename,
          module: { type: 'es6' },
          sourceMaps: 'inline',
        });
        return { contents: code, loader: 'js' };
      });
    },
  };
}

/** Packages ask for optional ones inside try blocks (Nest's other transports): what isn't installed stays out. */
const optionalPeers = {
  name: 'optional-peers',
  setup({ onResolve, resolve: lookUp }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || path.startsWith('node:') || !importer.includes('node_modules')) return;
      const found = await lookUp(path, { importer, resolveDir, kind, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/** `main.ts`, and every `<name>.worker.ts` as a file of its own beside it. */
function entryPoints(source) {
  const workers = readdirSync(source, { recursive: true }).filter((file) => file.endsWith('.worker.ts'));
  const named = workers.map((file) => [basename(file, '.ts'), join(source, file)]);
  const twice = named.find(([name], at) => named.findIndex(([other]) => other === name) !== at);
  if (twice) throw new Error(`${twice[1]}: another worker is named ${twice[0]}; rename one.`);
  return { main: join(source, 'main.ts'), ...Object.fromEntries(named) };
}

/** A started process never sees half a file. */
function replaceFile(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}

/**
 * Packs an app into `dist/apps/<app>/main.cjs` and `<name>.worker.cjs`: everything but native bindings, so that
 * Node alone can start it.
 *
 * @param {string} app
 */
export async function bundle(app) {
  const out = join(root, 'dist', 'apps', app);
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: entryPoints(join(root, 'apps', app, 'src')),
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
    plugins: [typescript(), optionalPeers],
  });
  const inputs = Object.keys(metafile.inputs);
  for (const { code, files } of FILES_BESIDE) {
    if (!inputs.some((input) => input.includes(code))) continue;
    for (const file of files()) replaceFile(join(out, basename(file)), readFileSync(file));
  }
  // The entry point last: it is what tells that a bundle is fresh.
  for (const { path, contents } of outputFiles.reverse()) replaceFile(path, contents);
}

/** Newest change below a folder, in milliseconds since the epoch. */
function newestChange(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((newest, entry) => Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

/** Packs an app unless its bundle is newer than every source it may hold. @returns the bundle's path */
export async function ensureBundle(app) {
  const main = join(root, 'dist', 'apps', app, 'main.cjs');
  const shared = ['package-lock.json', 'tsconfig.base.json', '.swcrc', 'tools/packing/bundle.mjs'];
  const newest = Math.max(
    newestChange(join(root, 'apps', app)),
    newestChange(join(root, 'libs')),
    ...shared.map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (!existsSync(main) || statSync(main).mtimeMs < newest) await bundle(app);
  return main;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const app = process.argv[2];
  if (!app) throw new Error('usage: node tools/packing/bundle.mjs APP');
  await bundle(app);
}
