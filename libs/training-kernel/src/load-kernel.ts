import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FactoryError, messageOf } from '@factory/domain';
import type { KernelBuild } from './kernel-memory';
import { loadBinding, nativeBuild } from './native-kernel';
import { wasmBuild } from './wasm-kernel';
import { wasm, type WasmModule } from './web-assembly';

/** Builds by file name without ending, best first, with the x86-64 level they need (psABI) or 0. */
const NATIVE_BUILDS = {
  x64: [
    { file: 'kernel-x86-64-v4', name: 'avx512', level: 4 },
    { file: 'kernel-x86-64-v3', name: 'avx2', level: 3 },
    { file: 'kernel-x86-64-v2', name: 'sse', level: 2 },
  ],
  arm64: [{ file: 'kernel-aarch64', name: 'neon', level: 0 }],
} as const;

export const KERNEL_NAMES = ['avx512', 'avx2', 'sse', 'neon', 'wasm'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

export interface LoadedKernel {
  readonly build: KernelBuild;
  /** Why it is not the fastest build for the processor; absent if it is. */
  readonly note?: string;
}

/** A build that was requested by name is unavailable here. */
export class KernelUnavailableError extends FactoryError {
  constructor(
    readonly build: string,
    reason: string,
  ) {
    super('kernel-unavailable', `the training kernel ${build} cannot be used: ${reason}`, false);
  }
}

/**
 * Loads the fastest available build that the processor can run, or the requested one.
 *
 * @throws KernelUnavailableError if the requested build is not available, or not for this processor
 */
export function loadKernel(wanted: KernelName | 'auto' = 'auto'): LoadedKernel {
  if (wanted === 'wasm') return { build: loadWasm() };
  const failures: string[] = [];
  for (const { file, name, level } of nativeBuilds()) {
    if (wanted !== 'auto' && wanted !== name) continue;
    try {
      const build = loadNative(file, name, level);
      return failures.length > 0 ? { build, note: failures.join('; ') } : { build };
    } catch (thrown) {
      failures.push(messageOf(thrown));
    }
  }
  const reason = failures.join('; ') || `there is none for ${process.platform} on ${process.arch}`;
  if (wanted !== 'auto') throw new KernelUnavailableError(wanted, reason);
  return { build: loadWasm(), note: reason };
}

/** Names of the builds that can be loaded here, fastest first. */
export function availableKernels(): KernelName[] {
  return KERNEL_NAMES.filter((name) => {
    try {
      return Boolean(loadKernel(name));
    } catch (thrown) {
      if (thrown instanceof KernelUnavailableError) return false;
      throw thrown;
    }
  });
}

function nativeBuilds() {
  return process.arch === 'x64' || process.arch === 'arm64' ? NATIVE_BUILDS[process.arch] : [];
}

function loadNative(file: string, name: KernelName, level: number): KernelBuild {
  if (level > cpuLevel()) throw new KernelUnavailableError(name, 'this processor lacks its instructions');
  return nativeBuild(name, loadBinding(nativeFile(file)));
}

/** Queried from the build that runs on every supported processor. */
function cpuLevel(): number {
  return process.arch === 'x64' ? loadBinding(nativeFile('kernel-x86-64-v2')).cpuLevel() : 0;
}

function nativeFile(name: string): string {
  return find(`${name}-${process.platform}.node`, 'build it with npm run build:kernel');
}

let compiled: WasmModule | undefined;

function loadWasm(): KernelBuild {
  compiled ??= new wasm.Module(readFileSync(find('training-kernel.wasm', 'it is part of the sources')));
  return wasmBuild(compiled);
}

/** In a bundle's folder all files are together; in the sources builds are in a separate folder. */
function find(file: string, origin: string): string {
  const folders = [
    __dirname,
    join(__dirname, '..', 'wasm'),
    join(__dirname, '..', '..', '..', 'dist', 'training-kernel'),
  ];
  const found = folders.map((folder) => join(folder, file)).find(existsSync);
  if (found) return found;
  throw new KernelUnavailableError(file, `there is no such file (${origin})`);
}
