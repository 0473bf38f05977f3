import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders whose code reads files from the bundle's own folder, with the folder and extension of these files. */
const READERS = [
  {
    code: 'node_modules/@tensorflow/tfjs-backend-wasm/dist',
    files: [{ folder: 'node_modules/@tensorflow/tfjs-backend-wasm/dist', ending: '.wasm' }],
  },
  {
    code: 'libs/training-kernel/src',
    files: [
      { folder: 'libs/training-kernel/wasm', ending: '.wasm' },
      { folder: 'dist/training-kernel', ending: '.node' },
    ],
  },
];

/**
 * Files that must be next to a bundle. A folder that does not exist has none: native builds are optional.
 *
 * @param {string} top the workspace's root
 * @param {readonly string[]} inputs contents of the bundle, as named by esbuild
 * @returns {readonly string[]} full paths
 */
export function filesBeside(top, inputs) {
  return READERS.filter(({ code }) => inputs.some((input) => input.includes(code))).flatMap(({ files }) =>
    files.flatMap(({ folder, ending }) => filesIn(join(top, folder), ending)),
  );
}

/**
 * @param {string} folder
 * @param {string} ending
 */
function filesIn(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}
