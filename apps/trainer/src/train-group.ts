import type { TrialsQueued } from '@factory/contracts';
import { priorShift } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { datasetKey, type DatasetMemory } from './dataset-memory';
import { TrialsInHand, type GroupNote } from './group-note';
import { trialDataBytes } from './matrix-size';
import type { DatasetWork } from './planning-thread';
import type { TrialData } from './trial-data';
import type { TrialOutcome } from './trial-outcome';
import { trainTrials, type TrialsRequest } from './train-trials';
import type { TrialRunner } from './workers/trial-pool';

export interface GroupRequest
  extends TrialsRequest, Pick<TrialsQueued, 'dataset' | 'transform' | 'f1' | 'f0' | 'matrix' | 'trainFrom'> {
  /** The note of an earlier claim; contains trials in progress only if its process died with them. */
  readonly leftBehind: GroupNote | undefined;
  readonly writeNote: (note: GroupNote) => Promise<void>;
}

/** Trains a group of trials on the pod's shared copy of the dataset. */
export class TrainGroup {
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'getStream'>,
    private readonly datasets: Pick<DatasetWork, 'matrix'>,
    private readonly memory: DatasetMemory,
    private readonly trials: TrialRunner,
  ) {}

  /**
   * @returns an outcome for every trial, in their order
   * @throws TrialCancelledError if the signal was aborted; the signal's reason if that was before there was room
   * @throws BadInputError `dataset-too-large`; IntegrityError; ServerAwayError
   */
  async execute(request: GroupRequest): Promise<TrialOutcome[]> {
    const { dataset, transform, matrix, trainFrom, leftBehind, writeNote, signal } = request;
    const hand = new TrialsInHand(leftBehind, writeNote);
    await hand.begin();
    return this.memory.use(
      {
        key: datasetKey(dataset.sha256, transform.sha256, trainFrom),
        bytes: trialDataBytes(matrix),
        load: () => this.load(request),
      },
      (data) => trainTrials(this.trials, data, request, hand),
      signal,
    );
  }

  private async load({ dataset, transform, matrix, f1, f0, trainFrom }: GroupRequest): Promise<TrialData> {
    return this.datasets.matrix(
      {
        dataset,
        transform: await getVerified(this.store, transform),
        shift: priorShift(f1, f0),
        rows: matrix.rows,
        trainFromMs: trainFrom === undefined ? undefined : Date.parse(trainFrom),
        maxBytes: this.memory.maxBytes,
      },
      () => this.store.getStream(dataset.key, dataset.bytes),
    );
  }
}
