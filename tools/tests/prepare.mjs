import { join } from 'node:path';
import { buildApps } from '../packing/build-apps.mjs';
import { ensureChromium } from '../install/chromium.mjs';
import { pythonVenv } from '../install/python-venv.mjs';
import { ensureTfjsNative } from '../tfjs-native/ensure.mjs';
import { root } from '../workspace/root.mjs';

/** For checks that must not share code with what they check. */
const PYTHON_PACKAGES = [
  'pyarrow==21.0.0',
  'numpy==2.2.6',
  'pandas==2.3.3',
  'scikit-learn==1.7.2',
  'nats-py==2.11.0',
];

/**
 * What specs with servers need beside the servers, in the order of its cost. None of it depends on the Node.js that
 * runs them: bundles are JavaScript, native builds keep to Node-API.
 *
 * @param {{tensorflow: boolean, browser: boolean, say: (line: string) => void}} options `tensorflow`: whether
 *   TensorFlow's own code is used; `browser`: whether pages are opened
 */
export async function prepare({ tensorflow, browser, say }) {
  await pythonVenv(join(root, '.cache', 'python'), PYTHON_PACKAGES);
  if (browser) await ensureChromium();
  if (tensorflow) await ensureTfjsNative('cpu', { say });
  say(`packed ${(await buildApps()).join(', ')}`);
}
