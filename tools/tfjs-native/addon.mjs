import { existsSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { installDebian } from '../install/debian.mjs';

/** Node-API version of the binding: determines the folder in which the package looks for it. */
const NODE_API = 8;

/**
 * @param {string | undefined} given a folder that holds include/node
 * @returns {string} the folder to build against
 */
export function nodeHeaders(given) {
  const folder = resolve(given ?? dirname(dirname(process.execPath)));
  const header = join(folder, 'include', 'node', 'node_api.h');
  if (existsSync(header)) return folder;
  throw new Error(
    `${header} is missing: Node's headers are needed to compile. They come with Node's own archives and images ` +
      '(Debian: libnode-dev); name the folder that holds include/node with --nodedir.',
  );
}

/**
 * Compiles the binding against the files in the package's `deps`.
 *
 * @param {string} folder of the package
 * @param {{headers: string, gyp: string}} tools folders with Node's headers and with node-gyp
 */
export async function compileAddon(folder, { headers, gyp }) {
  const missing = ['g++', 'make'].filter((name) => !programOnPath(name));
  if (missing.length > 0) await installDebian(missing, 'Put g++ and make on the PATH.');
  await mustRun(
    process.execPath,
    [
      join(gyp, 'bin', 'node-gyp.js'),
      'rebuild',
      `--nodedir=${headers}`,
      `--python=${programOnPath('python3')}`,
      '--',
      '-Dmodule_name=tfjs_binding',
      `-Dmodule_path=${join(folder, 'lib', `napi-v${NODE_API}`)}`,
      `-Dnapi_build_version=${NODE_API}`,
    ],
    { cwd: folder, quiet: true },
  );
  // 12,000 files that are no longer needed.
  for (const one of ['build', 'deps/include']) rmSync(join(folder, one), { recursive: true, force: true });
}
