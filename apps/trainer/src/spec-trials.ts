import type { NetworkSettings, Trial } from '@factory/domain';
import { syntheticData } from '@factory/engines/conformance';
import type { TrialData } from './trial-data';
import { NO_FIGURES, type TrialOutcome } from './trial-outcome';

/** For specs: a trial of a small network for two epochs. */
export function specTrial(trial: number, changes: Partial<NetworkSettings> = {}): Trial {
  const settings: NetworkSettings = {
    node1: 8,
    node2: 4,
    dropout1: 0.2,
    dropout2: 0.2,
    optimizer: 'adam',
    learningRate: 0.003,
    lrAnnealing: 0.1,
    batchSize: 64,
    epochs: 2,
    ...changes,
  };
  return { trial, family: 'network', settings };
}

/** For specs: identical trials 1 to `count`. */
export function specTrials(count: number, changes: Partial<NetworkSettings> = {}): Trial[] {
  return Array.from({ length: count }, (_unused, index) => specTrial(index + 1, changes));
}

/** For specs: the outcome of a trial, with the figures needed to choose among trials; null = it failed. */
export function specOutcome(
  { trial, family, settings }: Trial,
  naturalValidationLogLoss: number | null,
  changes: Partial<TrialOutcome> = {},
): TrialOutcome {
  return {
    ...NO_FIGURES,
    trial,
    family,
    settings,
    status: naturalValidationLogLoss === null ? 'failed' : 'done',
    naturalValidationLogLoss,
    parameters: 10,
    weights: null,
    history: [],
    ...changes,
  };
}

/** For specs: rows of six predictive columns, without prior shift, features in shared memory. */
export function specTrialData(rows: number): TrialData {
  const data = syntheticData(rows, 6, 1);
  const features = new Float32Array(new SharedArrayBuffer(data.features.byteLength));
  features.set(data.features);
  return { ...data, features, weights: new Float64Array(rows).fill(1), shift: 0 };
}
