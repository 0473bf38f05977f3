import { networkParameters, type TrialSettings } from '@factory/domain';

/** What planning has to know of a family of models: this file and `mostSteps` are all. */

/**
 * Floating-point operations of one step for each row: each weight takes two forward, four backward, and about a dozen
 * in the optimizer's step, once per batch.
 *
 * @param width columns of the matrix
 */
export function operationsPerRow({ settings }: TrialSettings, width: number): number {
  return networkParameters(width, settings) * (6 + 12 / settings.batchSize);
}

/**
 * Upper bound for the bytes of a paused trial: weights, weights of the best epoch and the optimizer's two moments,
 * float32 each.
 */
export function pausedBytes({ settings }: TrialSettings, width: number): number {
  return 4 * Float32Array.BYTES_PER_ELEMENT * networkParameters(width, settings);
}
