import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches } from '@factory/dataset';
import { parseTransform } from '@factory/normalisation';
import { readVerified, type ByteSource } from '@factory/object-store';
import { buildTrialData, type TrialData, type TrialDataOptions } from './trial-data';

export interface MatrixInput extends Omit<TrialDataOptions, 'transform'> {
  readonly dataset: ArtefactRef;
  /** transform.json, verified. */
  readonly transform: Uint8Array;
}

/**
 * Builds the matrix that all trials of a run share; it is in shared memory, so passing it to threads copies
 * nothing. Of the dataset itself only one batch is in memory at a time. Blocks while it waits for bytes, so it
 * runs on a separate thread.
 *
 * @param source the bytes of dataset.arrow
 * @throws IntegrityError if they are not what sampling wrote; see also `buildTrialData`
 */
export function buildMatrix({ dataset, transform, ...options }: MatrixInput, source: ByteSource): TrialData {
  const fitted = parseTransform(JSON.parse(Buffer.from(transform).toString('utf8')));
  return readVerified(source, dataset, (bytes) =>
    buildTrialData(readDatasetBatches(bytes), { ...options, transform: fitted }),
  );
}
