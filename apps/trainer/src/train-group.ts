import type { TrialsQueued } from '@factory/contracts';
import { priorShift } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { datasetKey, type DatasetCache } from './dataset-cache';
import { TrialsInHand, type GroupNote } from './group-note';
import type { TrialOutcome } from './run-trial';
import type { DatasetWork } from './planning-thread';
import { trialDataBytes, type TrialData } from './trial-data';
import { trainTrials, type TrialsRequest } from './train-trials';
import type { TrialRunner } from './workers/trial-pool';

export interface GroupRequest
  extends TrialsRequest, Pick<TrialsQueued, 'dataset' | 'transform' | 'f1' | 'f0' | 'matrix'> {
  /** What an earlier claim noted; trials in hand only if its process died with them. */
  readonly leftBehind: GroupNote | undefined;
  readonly writeNote: (note: GroupNote) => Promise<void>;
}

/** Trains a group of trials on the pod's shared copy of the dataset. */
export class TrainGroup {
  constructor(
    private readonly store: Pick<ObjectStore, 'get'>,
    private readonly datasets: Pick<DatasetWork, 'matrix'>,
    private readonly cache: DatasetCache,
    private readonly trials: TrialRunner,
    private readonly maxDatasetBytes: number,
  ) {}

  /**
   * @returns an outcome for every combination, in their order
   * @throws TrialCancelledError when the signal was aborted
   * @throws BadInputError `dataset-too-large`; IntegrityError; ServerAwayError
   */
  async execute(request: GroupRequest): Promise<TrialOutcome[]> {
    const { dataset, transform, matrix, leftBehind, writeNote } = request;
    const hand = new TrialsInHand(leftBehind, writeNote);
    await hand.begin();
    return this.cache.use(
      {
        key: datasetKey(dataset.sha256, transform.sha256),
        bytes: trialDataBytes(matrix.rows, matrix.width),
        load: () => this.load(request),
      },
      (data) => trainTrials(this.trials, data, request, hand),
    );
  }

  private async load({ dataset, transform, f1, f0 }: GroupRequest): Promise<TrialData> {
    const [rows, fitted] = await Promise.all([
      getVerified(this.store, dataset),
      getVerified(this.store, transform),
    ]);
    return this.datasets.matrix({
      dataset: rows,
      transform: fitted,
      shift: priorShift(f1, f0),
      maxBytes: this.maxDatasetBytes,
    });
  }
}
