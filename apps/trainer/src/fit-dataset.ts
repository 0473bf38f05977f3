import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches } from '@factory/dataset';
import type { Policy } from '@factory/domain';
import { codedLayout, fitTransform, type Transform } from '@factory/normalisation';
import { readVerified, type ByteSource } from '@factory/object-store';
import { matrixSizeOf, type MatrixSize } from './matrix-size';
import { collectTrainRows } from './train-rows';

export interface FitInput {
  readonly dataset: ArtefactRef;
  readonly policy: Pick<Policy, 'scaler' | 'maxFeatures'>;
  /** That train rows may take: `fitBytes`. */
  readonly maxBytes: number;
}

export interface FittedDataset {
  readonly transform: Transform;
  readonly trainRows: number;
  /** What trials will share. */
  readonly matrix: MatrixSize;
}

/**
 * Fits the transform on a dataset's train rows, which alone are held in memory. Takes seconds on large datasets and
 * blocks while bytes are awaited, so it has a thread.
 *
 * @param source the bytes of dataset.arrow
 * @throws IntegrityError when they are not what sampling wrote
 * @throws BadInputError `dataset-too-large`
 * @throws RunSkippedError, see `fitTransform`
 */
export function fitDataset({ dataset, policy, maxBytes }: FitInput, source: ByteSource): FittedDataset {
  const train = readVerified(source, dataset, (bytes) =>
    collectTrainRows(readDatasetBatches(bytes), { bytes: dataset.bytes, maxBytes }),
  );
  const { scaler, maxFeatures } = policy;
  const every = Uint32Array.from({ length: train.rows }, (_, row) => row);
  const transform = fitTransform(train.columns, every, { scaler, maxFeatures });
  return {
    transform,
    trainRows: train.rows,
    matrix: matrixSizeOf(train.trialRows, codedLayout(transform)),
  };
}
