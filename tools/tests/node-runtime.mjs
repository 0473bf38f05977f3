import { dirname, delimiter } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { nodePackage } from '../install/node-package.mjs';

/**
 * A Node.js that runs specs.
 *
 * @typedef {object} NodeRuntime
 * @property {string} file its program
 * @property {string} version such as `v24.21.0`
 * @property {NodeJS.ProcessEnv} env for its processes, with this Node.js first on the PATH
 */

/**
 * @param {string | undefined} wanted a version or its prefix, such as `24`; undefined: the one that runs this process
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<NodeRuntime>}
 * @throws Error if it can't be downloaded, or does not run here
 */
export async function nodeRuntime(wanted, env) {
  const own = process.versions.node;
  if (wanted === undefined || own === wanted || own.startsWith(`${wanted}.`))
    return { file: process.execPath, version: process.version, env };
  const file = await nodePackage(`node-${process.platform}-${process.arch}@${wanted}`);
  const version = await mustRun(file, ['--version'], {
    quiet: true,
    todo: `${file} does not run here: install Node ${wanted} and run npm test with it.`,
  });
  const path = [dirname(file), env.PATH].filter(Boolean).join(delimiter);
  return { file, version: version.trim(), env: { ...env, PATH: path, NODE: file } };
}
