import { messageOf } from '@factory/domain';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineUnavailableError } from '../training-errors';
import { NATIVE_PACKAGES, requireNative } from './native-packages';

/** `auto`: the native binding if it loads, otherwise WebAssembly, otherwise plain JavaScript. */
export const TFJS_BACKENDS = ['auto', 'native', 'wasm', 'cpu'] as const;
export type TfjsBackend = (typeof TFJS_BACKENDS)[number];

const SIMD_FILE = 'tfjs-backend-wasm-simd.wasm';

/** Outside bundles the wasm files are with the packages that Node finds. */
const requireHere = createRequire(__filename);

/**
 * Starts a tfjs backend for the process (the thread) and returns which one it is. Single-threaded on wasm: the
 * pool runs one trial per thread.
 *
 * @param nativeDir from `npm run build:tfjs-native`; absent: the native package is one that Node finds by
 * itself
 * @throws EngineUnavailableError when none of the allowed backends can be started
 */
export async function startTfjsBackend(
  wanted: TfjsBackend,
  nativeDir?: string,
): Promise<Exclude<TfjsBackend, 'auto'>> {
  tf.enableProdMode();
  const failures: string[] = [];
  for (const backend of wanted === 'auto' ? (['native', 'wasm', 'cpu'] as const) : [wanted]) {
    try {
      await START[backend](nativeDir);
      return backend;
    } catch (thrown) {
      failures.push(`${backend}: ${messageOf(thrown)}`);
    }
  }
  throw new EngineUnavailableError(`tfjs-${wanted}`, failures.join('; '));
}

/** Whether the thread's backend computes on a GPU: the native one does if it finds one. */
export function isUsingGpu(): boolean {
  const backend: object = tf.backend();
  return 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
}

const START = {
  native: async (nativeDir?: string) => {
    loadNativeBinding(nativeDir);
    await useBackend('tensorflow');
  },
  wasm: async () => {
    setWasmPaths(join(wasmFolder(), '/'));
    await useBackend('wasm');
  },
  cpu: () => useBackend('cpu'),
};

async function useBackend(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new EngineUnavailableError(`tfjs-${name}`, 'it did not start');
  await tf.ready();
}

/**
 * Loading the package registers the backend `tensorflow`. It brings its own tfjs, in addition to the one inside
 * bundles: both use the one engine that tfjs keeps on the thread's global object, so their versions must be
 * equal.
 */
function loadNativeBinding(nativeDir?: string): void {
  const requireThere = requireNative(nativeDir);
  const failures: string[] = [];
  for (const name of NATIVE_PACKAGES) {
    try {
      const { version } = requireThere(name) as Pick<typeof tf, 'version'>;
      if (version['tfjs-core'] === tf.version_core) return;
      failures.push(`${name}: has tfjs ${version['tfjs-core']}, needed: ${tf.version_core}`);
    } catch (thrown) {
      failures.push(`${name}: ${messageOf(thrown).split('\n')[0]}`);
    }
  }
  throw new EngineUnavailableError('tfjs-native', failures.join('; '));
}

/** The bundle's own folder if it has the wasm files, otherwise the installed package. */
function wasmFolder(): string {
  if (existsSync(join(__dirname, SIMD_FILE))) return __dirname;
  return dirname(requireHere.resolve(`@tensorflow/tfjs-backend-wasm/dist/${SIMD_FILE}`));
}
