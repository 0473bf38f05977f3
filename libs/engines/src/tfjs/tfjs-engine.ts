import type { TrainingEngine } from '../training-engine';
import { trainNetwork } from '../training-loop';
import { startTfjsBackend, type TfjsBackend } from './tfjs-backend';
import { TfjsNetwork, predictLogits } from './tfjs-network';

/**
 * TensorFlow.js as a training engine; its name includes the backend it found, e.g. `tfjs-wasm`. tfjs has one
 * backend per thread: engines made later in the same thread share the last one's.
 *
 * @param wanted a backend, or `auto`
 * @param nowMs a monotonic clock in milliseconds
 * @param nativeDir where the native binding was built, see `startTfjsBackend`
 * @throws EngineUnavailableError
 */
export async function createTfjsEngine(
  wanted: TfjsBackend,
  nowMs: () => number,
  nativeDir?: string,
): Promise<TrainingEngine> {
  const backend = await startTfjsBackend(wanted, nativeDir);
  const open: TrainingEngine['open'] = (data, settings, seed, state) =>
    new TfjsNetwork(data, settings, seed, state);
  return {
    name: `tfjs-${backend}`,
    open,
    train: (data, settings, options) => trainNetwork(open, data, settings, options, nowMs),
    predictLogits,
  };
}
