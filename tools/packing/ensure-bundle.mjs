import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { bundle } from './bundle.mjs';

/** Sources of every bundle, in addition to the app's own folder. */
const SHARED = ['libs', 'package-lock.json', 'tsconfig.base.json', '.swcrc', 'tools/packing'];

/**
 * Bundles an app, unless its bundle is newer than all of its possible sources.
 *
 * @param {string} app
 * @returns {Promise<string>} the bundle's path
 */
export async function ensureBundle(app) {
  const main = join(root, 'dist', 'apps', app, 'main.cjs');
  const newest = Math.max(...[join('apps', app), ...SHARED].map((path) => newestChange(join(root, path))));
  if (!existsSync(main) || statSync(main).mtimeMs < newest) await bundle(app);
  return main;
}

/**
 * Latest change of a file, or of files in a folder, in milliseconds since the epoch.
 *
 * @param {string} path
 * @returns {number}
 */
function newestChange(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), 0);
}
