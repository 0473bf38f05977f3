import { parseTransform } from '@factory/normalisation';
import { decodeDataset } from '@factory/object-store';
import { buildTrialData, type TrialData } from './trial-data';

export interface MatrixInput {
  /** dataset.arrow and transform.json, verified. */
  readonly dataset: Uint8Array;
  readonly transform: Uint8Array;
  /** ln f0 - ln f1. */
  readonly shift: number;
  readonly maxBytes: number;
}

/** The matrix that all trials of a run share; it lies in shared memory, so handing it over copies nothing. */
export function buildMatrix({ dataset, transform, shift, maxBytes }: MatrixInput): TrialData {
  const fitted = parseTransform(JSON.parse(Buffer.from(transform).toString('utf8')));
  return buildTrialData(decodeDataset(dataset), fitted, shift, maxBytes);
}
