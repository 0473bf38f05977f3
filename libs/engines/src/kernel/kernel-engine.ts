import { loadKernel, type KernelName } from '@factory/training-kernel';
import type { TrainingEngine } from '../training-engine';
import { trainNetwork } from '../training-loop';
import { KernelTrainer, predictWithKernel } from './kernel-trainer';

/**
 * The factory's own training kernel as an engine; its name includes the loaded build, e.g. `kernel-avx512`.
 *
 * @param wanted a build, or the fastest available that runs on this processor
 * @param nowMs a monotonic clock in milliseconds
 * @throws KernelUnavailableError
 */
export function createKernelEngine(wanted: KernelName | 'auto', nowMs: () => number): TrainingEngine {
  const { build, note } = loadKernel(wanted);
  const open: TrainingEngine['open'] = (data, settings, seed, state) =>
    new KernelTrainer(build, data, settings, seed, state);
  return {
    name: `kernel-${build.name}`,
    ...(note === undefined ? {} : { note }),
    open,
    train: (data, settings, options) => trainNetwork(open, data, settings, options, nowMs),
    predictLogits: (weights, data, rows) => predictWithKernel(build, weights, data, rows),
  };
}
