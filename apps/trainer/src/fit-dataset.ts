import { rowsOf, type Policy } from '@factory/domain';
import { fitTransform, type Transform } from '@factory/normalisation';
import { decodeDataset } from '@factory/object-store';
import { trialRowCount } from './trial-data';

export interface FitInput {
  /** dataset.arrow, verified. */
  readonly dataset: Uint8Array;
  readonly policy: Pick<Policy, 'scaler' | 'maxFeatures'>;
}

export interface FittedDataset {
  readonly transform: Transform;
  readonly trainRows: number;
  /** Train, validation and test rows. */
  readonly trialRows: number;
}

/** Fits the transform on a dataset's train rows. Pure; takes seconds on large ones, so it has a thread. */
export function fitDataset({ dataset, policy }: FitInput): FittedDataset {
  const decoded = decodeDataset(dataset);
  const trainRows = rowsOf(decoded, 'train');
  const { scaler, maxFeatures } = policy;
  return {
    transform: fitTransform(decoded.features, trainRows, { scaler, maxFeatures }),
    trainRows: trainRows.length,
    trialRows: trialRowCount(decoded),
  };
}
