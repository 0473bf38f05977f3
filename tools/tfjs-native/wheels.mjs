import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun } from '../command.mjs';
import { pythonVenv } from '../stack/python-venv.mjs';
import { root } from '../workspace.mjs';

const UNPACK = join(dirname(fileURLToPath(import.meta.url)), 'unpack_wheel.py');
/** Only to download with: the machine's own Python may have no pip. */
const PIP = ['pip==25.3'];
/** The libraries are the same in the wheels of every Python version: one is named, whatever runs here. */
const PYTHON_OF_WHEELS = '3.13';
const PLATFORM = { x64: 'manylinux_2_17_x86_64', arm64: 'manylinux_2_17_aarch64' };

/** What the binding links and includes, and where below `deps` it looks for them. */
const PARTS = [
  'tensorflow/libtensorflow_cc.so.2=lib/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2=lib/libtensorflow_framework.so.2',
  'tensorflow/include/=include/',
];
/** Names that the linker looks for; the wheel has the versioned ones only. */
const LINKS = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

/**
 * TensorFlow's library and the headers of its C interface, out of the wheel.
 *
 * @param {string} deps gets `lib/` and `include/`
 * @param {string} wheel `name==version`
 */
export async function unpackTensorflow(deps, wheel) {
  await withWheels(deps, ['--no-deps', wheel], (python, files) =>
    mustRun(python, [UNPACK, files[0], deps, ...PARTS], { quiet: true }),
  );
  for (const [name, target] of Object.entries(LINKS)) symlinkSync(target, join(deps, 'lib', name));
}

/**
 * NVIDIA's libraries in the versions that the wheel asks for. TensorFlow looks for them in `../nvidia` by itself.
 *
 * @param {string} deps gets `nvidia/`
 * @param {string} wheel `name==version`
 */
export async function unpackCuda(deps, wheel) {
  const withExtra = wheel.replace('==', '[and-cuda]==');
  await withWheels(deps, [withExtra], async (python, files) => {
    for (const file of files.filter((name) => /nvidia_/.test(name))) {
      await mustRun(python, [UNPACK, file, deps, 'nvidia/=nvidia/'], { quiet: true });
    }
  });
}

/** Downloads wheels into a folder that goes again after `work`. */
async function withWheels(deps, requirements, work) {
  const platform = PLATFORM[process.arch];
  if (!platform) throw new Error(`TensorFlow has no wheel for ${process.arch}.`);
  const python = join(await pythonVenv(join(root, '.cache', 'tfjs-native', 'python'), PIP), 'python');
  const folder = join(deps, 'wheels');
  mkdirSync(folder, { recursive: true });
  try {
    const about = ['--only-binary=:all:', '--python-version', PYTHON_OF_WHEELS, '--platform', platform];
    await mustRun(
      python,
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        ...about,
        '-d',
        folder,
        ...requirements,
      ],
      { quiet: true, todo: 'Check that the Python package index can be reached, then run it again.' },
    );
    const wheels = readdirSync(folder).map((name) => join(folder, name));
    return await work(python, wheels);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
