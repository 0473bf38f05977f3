import type { ArtefactRef } from '@factory/contracts';
import { readDatasetBatches } from '@factory/dataset';
import type { Policy } from '@factory/domain';
import { codedLayout, fitTransform, type Transform } from '@factory/normalisation';
import { readVerified, type ByteSource } from '@factory/object-store';
import { fitBaseline, type FittedBaseline } from './fit-baseline';
import { matrixSizeOf, type MatrixSize } from './matrix-size';
import { suspectTables, type BaselineRanking, type TableQuestion } from './suspect-tables';
import { collectTrainRows } from './train-rows';

export interface FitInput {
  readonly dataset: ArtefactRef;
  readonly policy: Pick<Policy, 'scaler' | 'maxFeatures'>;
  /** Limit for the rows kept: `fitBytes`. */
  readonly maxBytes: number;
  /** Starts of shorter windows to be trained on too; ISO 8601. */
  readonly shorter?: readonly string[] | undefined;
  /** Absent: it is not known which columns are of which table. */
  readonly question?: TableQuestion | undefined;
}

export interface FittedDataset {
  readonly transform: Transform;
  readonly trainRows: number;
  /** The matrix that trials will share. */
  readonly matrix: MatrixSize;
  /** Train, validation and test rows of each shorter window, in the order given. */
  readonly shorterRows: readonly number[];
  readonly baseline: FittedBaseline;
  /** Absent: there is no baseline, or nothing was asked. */
  readonly ranking?: BaselineRanking | undefined;
}

/**
 * Fits the transform on a dataset's train rows, and with it the logistic regression that the run's candidate will be
 * compared with, and asks that about validation rows (rules R16); only these rows are held in memory. Takes seconds on large datasets and blocks while it waits for
 * bytes, so it runs on a separate thread.
 *
 * @param source the bytes of dataset.arrow
 * @param now a clock, in milliseconds
 * @throws IntegrityError if they are not what sampling wrote
 * @throws BadInputError `dataset-too-large`
 * @throws RunSkippedError, see `fitTransform`
 */
export function fitDataset(
  { dataset, policy, maxBytes, shorter = [], question }: FitInput,
  source: ByteSource,
  now: () => number,
): FittedDataset {
  const train = readVerified(source, dataset, (bytes) =>
    collectTrainRows(readDatasetBatches(bytes), {
      bytes: dataset.bytes,
      maxBytes,
      startsMs: shorter.map((start) => Date.parse(start)),
    }),
  );
  const { scaler, maxFeatures } = policy;
  const every = Uint32Array.from({ length: train.rows }, (_, row) => row);
  const transform = fitTransform(train.columns, every, { scaler, maxFeatures });
  const baseline = fitBaseline(train, transform, now);
  return {
    transform,
    trainRows: train.rows,
    matrix: matrixSizeOf(train.trialRows, codedLayout(transform)),
    shorterRows: train.shorterRows,
    baseline,
    ranking: question && baseline.file && suspectTables(train, transform, baseline.file, question),
  };
}
