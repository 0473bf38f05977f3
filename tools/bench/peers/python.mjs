import { join } from 'node:path';
import { pythonVenv } from '../../install/python-venv.mjs';
import { root } from '../../workspace/root.mjs';

/** Packages that benchmarks compare with: what users migrate from, the fastest peers, and the one that evaluates. */
const REQUIREMENTS = [
  'keras==3.15.1',
  'tensorflow-cpu==2.20.0',
  'jax==0.10.2',
  'optax==0.2.8',
  'numpy==2.4.6',
  'scikit-learn==1.9.1',
];

/** Where the Python programs of the benchmarks are. */
export const PEERS = join(root, 'tools', 'bench', 'peers');

/** @returns {Promise<string>} the Python program with Keras, TensorFlow, JAX and scikit-learn; installed if missing */
export async function peerPython() {
  return join(await pythonVenv(join(root, '.cache', 'python-bench'), REQUIREMENTS), 'python');
}
