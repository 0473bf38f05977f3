import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';

/** Must be the tfjs version of the apps: two copies in a thread share one engine. */
const TFJS_VERSION = '4.22.0';
/** Both libraries are the same TensorFlow version; the binding compiles with its headers unpatched. */
const TENSORFLOW_VERSION = '2.20.0';
export const NODE_GYP = '12.1.0';

/** Wheels of tensorflow-cpu exist for x86-64 only; on ARM the wheel tensorflow is equivalent, because it has no CUDA. */
const CPU_WHEEL = process.arch === 'arm64' ? 'tensorflow' : 'tensorflow-cpu';

/** @typedef {keyof typeof VARIANTS} Variant */

export const VARIANTS = {
  cpu: {
    npmPackage: `@tensorflow/tfjs-node@${TFJS_VERSION}`,
    wheel: `${CPU_WHEEL}==${TENSORFLOW_VERSION}`,
  },
  gpu: {
    npmPackage: `@tensorflow/tfjs-node-gpu@${TFJS_VERSION}`,
    wheel: `tensorflow==${TENSORFLOW_VERSION}`,
  },
};

/**
 * Installs the package without its install script, which would download a library that supports CUDA only up to 11.2.
 *
 * @param {string} folder receives its own `node_modules`
 * @param {Variant} variant
 * @returns {Promise<string>} the package's folder
 */
export async function installPackage(folder, variant) {
  const name = VARIANTS[variant].npmPackage.slice(0, -TFJS_VERSION.length - 1);
  const dependencies = { [name]: TFJS_VERSION, 'node-gyp': NODE_GYP };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await mustRun('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
    quiet: true,
    todo: 'Check that the npm registry can be reached, then run it again.',
  });
  return join(folder, 'node_modules', name);
}
