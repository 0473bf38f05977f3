import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Packages with TensorFlow's native binding, the GPU one first: at most one of them is installed. */
export const NATIVE_PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** Created by NVIDIA's drivers, natively and under WSL. */
const GPU_DEVICES = ['/dev/nvidiactl', '/dev/dxg'];

/** @param nativeDir from `npm run build:tfjs-native`; absent: where Node finds packages */
export function requireNative(nativeDir?: string): NodeJS.Require {
  return createRequire(nativeDir === undefined ? __filename : resolve(nativeDir, 'package.json'));
}

/**
 * Whether a GPU exists, and a binding that may support it. Only checks for files: nothing is loaded.
 *
 * @param nativeDir see `requireNative`
 * @param devices files of which one exists if there is a GPU
 */
export function mayHaveGpu(nativeDir?: string, devices: readonly string[] = GPU_DEVICES): boolean {
  if (!devices.some((device) => existsSync(device))) return false;
  return NATIVE_PACKAGES.some((name) => {
    try {
      return requireNative(nativeDir).resolve(name) !== '';
    } catch {
      return false;
    }
  });
}
