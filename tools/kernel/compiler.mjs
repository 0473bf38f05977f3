import { join } from 'node:path';
import { programOnPath, run } from '../workspace/command.mjs';
import { pythonVenv } from '../install/python-venv.mjs';
import { messageOf } from '../workspace/error-message.mjs';
import { root } from '../workspace/root.mjs';

/** The wheel contains clang, its headers and libraries for every target: nothing else is needed to cross-compile. */
const ZIG = 'ziglang==0.17.1';
const CACHE = join(root, '.cache');

/**
 * A C compiler and its arguments.
 *
 * @typedef {object} Compiler
 * @property {string} name with its version
 * @property {string} file
 * @property {readonly string[]} args first arguments
 * @property {boolean} crosses can compile for other machines
 * @property {(target: import('./targets.mjs').Target) => readonly string[]} machine options that choose the target
 */

/**
 * The pinned zig, otherwise an installed clang.
 *
 * @returns {Promise<Compiler>}
 * @throws Error if there is neither, with both reasons
 */
export async function findCompiler() {
  try {
    return await zig();
  } catch (error) {
    const clang = programOnPath('clang');
    if (!clang)
      throw new Error(`no C compiler: ${firstLine(messageOf(error))}; and no clang on the PATH`, {
        cause: error,
      });
    const { output } = await run(clang, ['--version'], { quiet: true });
    return {
      name: firstLine(output),
      file: clang,
      args: [],
      crosses: false,
      machine: ({ clangMachine }) => [...clangMachine],
    };
  }
}

/** @returns {Promise<Compiler>} */
export async function zig() {
  const programs = await pythonVenv(join(CACHE, 'python-zig'), [ZIG]);
  return {
    name: ZIG,
    file: join(programs, 'python'),
    args: ['-m', 'ziglang', 'cc'],
    crosses: true,
    machine: ({ zigTarget, zigCpu }) => ['-target', zigTarget, `-mcpu=${zigCpu}`],
  };
}

/** Compiler caches are kept in the project, not in the user's home. */
export const compilerEnvironment = {
  ...process.env,
  ZIG_GLOBAL_CACHE_DIR: join(CACHE, 'zig'),
  ZIG_LOCAL_CACHE_DIR: join(CACHE, 'zig'),
};

/** @param {string} text */
function firstLine(text) {
  const [line = ''] = text.trim().split('\n');
  return line;
}
