import { KERNEL_NAMES, type KernelName } from '@factory/training-kernel';
import { createKernelEngine } from './kernel/kernel-engine';
import type * as TfjsEngineModule from './tfjs/tfjs-engine';
import type { TrainingEngine } from './training-engine';

const TFJS_BACKENDS = { 'tfjs-native': 'native', 'tfjs-wasm': 'wasm', 'tfjs-cpu': 'cpu' } as const;

/** The engines that can be configured; `auto` uses the fastest that can be loaded. */
export const ENGINE_NAMES = [
  'auto',
  'kernel-avx512',
  'kernel-avx2',
  'kernel-sse',
  'kernel-neon',
  'kernel-wasm',
  'tfjs-native',
  'tfjs-wasm',
  'tfjs-cpu',
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineOptions {
  /** Folder of the binding built by `npm run build:tfjs-native`; absent: where Node finds packages. */
  readonly nativeDir?: string;
}

/**
 * @param nowMs a monotonic clock in milliseconds
 * @throws KernelUnavailableError, EngineUnavailableError
 */
export function createEngine(
  name: EngineName,
  nowMs: () => number,
  { nativeDir }: EngineOptions = {},
): Promise<TrainingEngine> {
  if (name === 'tfjs-native' || name === 'tfjs-wasm' || name === 'tfjs-cpu') {
    // Loaded on demand: tfjs takes time and memory that the kernel does not need.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { createTfjsEngine } = require('./tfjs/tfjs-engine') as typeof TfjsEngineModule;
    return createTfjsEngine(TFJS_BACKENDS[name], nowMs, nativeDir);
  }
  return Promise.resolve().then(() => createKernelEngine(kernelOf(name), nowMs));
}

function kernelOf(name: EngineName): KernelName | 'auto' {
  return KERNEL_NAMES.find((kernel) => name === `kernel-${kernel}`) ?? 'auto';
}
