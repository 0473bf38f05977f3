import { loadKernel, type KernelName } from '@factory/training-kernel';
import type { TrainingEngine } from '../training-engine';
import { trainNetwork } from '../training-loop';
import { KernelTrainer, predictWithKernel } from './kernel-trainer';

/**
 * The factory's own training kernel as an engine; its name says which build was loaded, e.g. `kernel-avx512`.
 *
 * @param wanted a build, or the fastest that is here and runs on this processor
 * @param nowMs a monotonic clock in milliseconds
 * @throws KernelUnavailableError
 */
export function createKernelEngine(wanted: KernelName | 'auto', nowMs: () => number): TrainingEngine {
  const { build, note } = loadKernel(wanted);
  const open: TrainingEngine['open'] = (data, combination, seed, state) =>
    new KernelTrainer(build, data, combination, seed, state);
  return {
    name: `kernel-${build.name}`,
    ...(note === undefined ? {} : { note }),
    open,
    train: (data, combination, options) => trainNetwork(open, data, combination, options, nowMs),
    predictLogits: (weights, data, rows) => predictWithKernel(build, weights, data, rows),
  };
}
