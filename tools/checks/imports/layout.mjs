import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PURE_LAYERS } from './rules.mjs';

/** Installed or built. */
const NOT_OURS = /^(\.|node_modules$|dist$|coverage$)/;

/** What is read: every folder, and the configuration at the top. @param {string} top full path of a repository */
export function codePaths(top) {
  return readdirSync(top, { withFileTypes: true })
    .filter((one) => !NOT_OURS.test(one.name) && (one.isDirectory() || /\.(mjs|cjs|js|ts)$/.test(one.name)))
    .map(({ name }) => name);
}

/**
 * What the rules need to know of the libs.
 *
 * @param {string} top full path of a repository
 * @returns {Pick<import('./rules.mjs').Layout, 'pureLibs' | 'libEntries'>}
 */
export function libLayout(top) {
  const { compilerOptions } = JSON.parse(readFileSync(join(top, 'tsconfig.base.json'), 'utf8'));
  const files = /** @type {string[]} */ (Object.values(compilerOptions.paths).flat());
  return {
    libEntries: files.map((file) => file.replace(/^\.\//, '')),
    pureLibs: Object.fromEntries(Object.keys(PURE_LAYERS).map((layer) => [layer, libsOf(top, layer)])),
  };
}

/** @param {string} top @param {string} layer */
function libsOf(top, layer) {
  return readdirSync(join(top, 'libs')).filter((name) => {
    const project = join(top, 'libs', name, 'project.json');
    return existsSync(project) && JSON.parse(readFileSync(project, 'utf8')).tags.includes(`layer:${layer}`);
  });
}
