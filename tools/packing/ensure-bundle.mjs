import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { bundle } from './bundle.mjs';

/** What every bundle is made of, beside the app's own folder. */
const SHARED = ['libs', 'package-lock.json', 'tsconfig.base.json', '.swcrc', 'tools/packing'];

/**
 * Packs an app unless its bundle is newer than every source it may hold.
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
 * Newest change of a file, or below a folder, in milliseconds since the epoch.
 *
 * @param {string} path
 * @returns {number}
 */
function newestChange(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), 0);
}
