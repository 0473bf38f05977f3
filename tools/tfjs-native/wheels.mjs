import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../workspace/command.mjs';
import { pythonVenv } from '../install/python-venv.mjs';
import { root } from '../workspace/root.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const UNPACK = join(here, 'unpack_wheel.py');
const REQUIREMENTS = join(here, 'wheel_requirements.py');
/** Only for downloads: the machine's own Python may have no pip. */
const PIP = ['pip==25.3'];
/** The libraries are the same in the wheels of all Python versions, so any version will do. */
const PYTHON_OF_WHEELS = '3.13';
/**
 * Accepted platform tags of a wheel: pip takes them literally, without compatible ones.
 *
 * @param {string} machine
 */
const platformsOf = (machine) =>
  ['manylinux_2_28', 'manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].map((one) => `${one}_${machine}`);
const PLATFORMS = new Map([
  ['x64', platformsOf('x86_64')],
  ['arm64', platformsOf('aarch64')],
]);

/** Libraries and headers of the binding, and where in `deps` it looks for them. */
const PARTS = [
  'tensorflow/libtensorflow_cc.so.2=lib/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2=lib/libtensorflow_framework.so.2',
  'tensorflow/include/=include/',
];
/** Names that the linker looks for; the wheel only has the versioned ones. */
const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/**
 * Extracts TensorFlow's library and the headers of its C interface from the wheel, and on request NVIDIA's libraries
 * in the versions that the wheel requires. TensorFlow looks for those in `../nvidia`.
 *
 * @param {string} deps receives `lib/` and `include/`, with CUDA also `nvidia/`
 * @param {string} wheel `name==version`
 * @param {{cuda: boolean}} options
 */
export async function unpackTensorflow(deps, wheel, { cuda }) {
  const requirements = await withWheels(deps, [wheel], async (python, [file = '']) => {
    await mustRun(python, [UNPACK, file, deps, ...PARTS], { quiet: true });
    return cuda ? mustRun(python, [REQUIREMENTS, file, 'and-cuda'], { quiet: true }) : '';
  });
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(deps, 'lib', name));
  if (!cuda) return;
  await withWheels(deps, requirements.trim().split('\n'), async (python, files) => {
    for (const file of files) await mustRun(python, [UNPACK, file, deps, 'nvidia/=nvidia/'], { quiet: true });
  });
}

/**
 * Downloads wheels, without their dependencies, into a folder that is deleted after `work`.
 *
 * @template T
 * @param {string} deps
 * @param {readonly string[]} requirements
 * @param {(python: string, files: readonly string[]) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withWheels(deps, requirements, work) {
  const platforms = PLATFORMS.get(process.arch);
  if (!platforms) throw new Error(`TensorFlow has no wheel for ${process.arch}.`);
  const python = join(await pythonVenv(join(root, '.cache', 'tfjs-native', 'python'), PIP), 'python');
  const folder = join(deps, 'wheels');
  mkdirSync(folder, { recursive: true });
  try {
    const about = ['--no-deps', '--only-binary=:all:', '--python-version', PYTHON_OF_WHEELS];
    about.push(...platforms.flatMap((platform) => ['--platform', platform]), '--dest', folder);
    await mustRun(
      python,
      ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...about, ...requirements],
      { quiet: true, todo: 'Check that the Python package index can be reached, then run it again.' },
    );
    return await work(
      python,
      readdirSync(folder).map((name) => join(folder, name)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
