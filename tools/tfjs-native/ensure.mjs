import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { compileAddon, nodeHeaders } from './addon.mjs';
import { installPackage, NODE_GYP, VARIANTS } from './package.mjs';
import { unpackTensorflow } from './wheels.mjs';

const MARKER = 'built.json';

/**
 * Builds TensorFlow.js's native binding into a separate folder, or finds the one built earlier.
 *
 * @param {import('./package.mjs').Variant} variant
 * @param {{folder?: string, nodedir?: string, cuda?: boolean, say?: (line: string) => void}} [options]
 * @returns {Promise<string>} the folder: `node_modules` with the package, ready to be loaded
 */
export async function ensureTfjsNative(variant, { folder, nodedir, cuda = false, say = () => {} } = {}) {
  const out = resolve(folder ?? join(root, '.cache', 'tfjs-native', variant));
  const wanted = JSON.stringify(descriptionOf(variant, cuda), undefined, 2);
  if (isBuilt(out, wanted)) return out;
  if (process.platform !== 'linux')
    throw new Error('The native binding of TensorFlow.js is built on Linux only.');
  const headers = nodeHeaders(nodedir);

  // Built next to the target and moved at the end, so that no process loads an incomplete build and parallel builds are safe.
  const fresh = `${out}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const { npmPackage, wheel } = VARIANTS[variant];
    say(`installing ${npmPackage} and the library of ${wheel}${cuda ? " with NVIDIA's" : ''}`);
    const deps = join(fresh, 'wheel');
    const [installed] = await bothDone([
      installPackage(fresh, variant),
      unpackTensorflow(deps, wheel, { cuda }),
    ]);
    renameSync(deps, join(installed, 'deps'));
    say('compiling the binding');
    await compileAddon(installed, { headers, gyp: join(fresh, 'node_modules', 'node-gyp') });
    say(await tryOut(installed));
    writeFileSync(join(fresh, MARKER), wanted);
    if (isBuilt(out, wanted)) return out;
    rmSync(out, { recursive: true, force: true });
    renameSync(fresh, out);
    return out;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Like Promise.all, but after a failure it waits for the other: its files are removed afterwards.
 *
 * @template A, B
 * @param {readonly [Promise<A>, Promise<B>]} works
 * @returns {Promise<[A, B]>}
 */
async function bothDone(works) {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/**
 * Inputs of a build. Not Node's version: the binding uses Node-API 8, which is stable.
 *
 * @param {import('./package.mjs').Variant} variant
 * @param {boolean} cuda
 */
function descriptionOf(variant, cuda) {
  return { ...VARIANTS[variant], nodeGyp: NODE_GYP, nodeApi: 8, cuda, arch: process.arch };
}

/**
 * @param {string} folder
 * @param {string} wanted content of its marker
 */
function isBuilt(folder, wanted) {
  const marker = join(folder, MARKER);
  return existsSync(marker) && readFileSync(marker, 'utf8') === wanted;
}

/**
 * Loads the package in a separate process and multiplies two matrices.
 *
 * @param {string} installed its folder
 * @returns {Promise<string>} description of the device
 */
async function tryOut(installed) {
  const script = `
    const tf = require(${JSON.stringify(installed)});
    const product = tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync();
    if (product.join() !== '3,3,3,3') throw new Error('wrong product: ' + product.join());
    const { binding, isUsingGpuDevice } = tf.backend();
    console.log('TensorFlow ' + binding.TF_Version + ' computes on a ' + (isUsingGpuDevice ? 'GPU' : 'CPU'));`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
  const todo = `The binding in ${dirname(installed)} was compiled but does not work.`;
  const output = await mustRun(process.execPath, ['-e', script], { quiet: true, env, todo });
  return output.trim().split('\n').at(-1) ?? '';
}
