import type { TrialsQueued } from '@factory/contracts';
import { priorShift, type NumberedCombination } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { datasetKey, type DatasetCache } from './dataset-cache';
import { TrialsInHand, type GroupNote } from './group-note';
import { SuccessiveHalving } from './successive-halving';
import { NO_FIGURES, type TrialOutcome } from './run-trial';
import type { DatasetWork } from './planning-thread';
import { trialDataBytes, type TrialData } from './trial-data';
import type { TrialRunner } from './workers/trial-pool';

export interface GroupRequest extends Pick<
  TrialsQueued,
  'dataset' | 'transform' | 'seed' | 'f1' | 'f0' | 'matrix' | 'combinations' | 'search'
> {
  /** What an earlier claim noted; trials in hand only if its process died with them. */
  readonly leftBehind: GroupNote | undefined;
  readonly signal: AbortSignal;
  readonly writeNote: (note: GroupNote) => Promise<void>;
  readonly onProgress: (progress: GroupProgress) => void;
}

export interface GroupProgress {
  readonly trial: number;
  readonly epoch?: number;
  /** Finished trials of this group. */
  readonly trialsDone: number;
  readonly trialsTotal: number;
  /** Lowest natural validation log-loss of the group so far. */
  readonly best?: number;
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
      (data) => this.train(data, request, hand),
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

  private async train(data: TrialData, request: GroupRequest, hand: TrialsInHand): Promise<TrialOutcome[]> {
    const { combinations, seed, signal, search, onProgress } = request;
    const crashed = combinations.filter(({ trial }) => hand.isCrashed(trial));
    const open = combinations.filter((one) => !crashed.includes(one));
    const ended = new Set(crashed.map(({ trial }) => trial));
    let best = Infinity;
    const tell = (trial: number, epoch?: number): void =>
      onProgress({
        trial,
        trialsDone: ended.size,
        trialsTotal: combinations.length,
        ...(epoch === undefined ? {} : { epoch }),
        ...(Number.isFinite(best) ? { best } : {}),
      });
    const runner = search === 'asha' ? new SuccessiveHalving(this.trials) : this.trials;
    const outcomes = await runner.runGroup(data, open, {
      seed,
      signal,
      alone: new Set(open.map(({ trial }) => trial).filter((trial) => hand.isSuspect(trial))),
      beforeTrial: (trial) => hand.take(trial),
      onEpoch: (trial, { epoch }) => tell(trial, epoch),
      onPause: (trial) => hand.putDown(trial),
      onOutcome: (outcome) => {
        ended.add(outcome.combination.trial);
        if (outcome.status === 'done') best = Math.min(best, outcome.naturalValidationLogLoss ?? Infinity);
        tell(outcome.combination.trial);
        return hand.putDown(outcome.combination.trial);
      },
    });
    const all = new Map([...outcomes, ...crashed.map((one) => crashedOutcome(one, hand))].map(byTrial));
    return combinations.flatMap(({ trial }) => all.get(trial) ?? []);
  }
}

function crashedOutcome(combination: NumberedCombination, hand: TrialsInHand): TrialOutcome {
  const error = `ended ${hand.crashesOf(combination.trial)} processes: skipped`;
  return { ...NO_FIGURES, combination, status: 'crashed', error, weights: null, history: [] };
}

function byTrial(outcome: TrialOutcome): [trial: number, outcome: TrialOutcome] {
  return [outcome.combination.trial, outcome];
}
