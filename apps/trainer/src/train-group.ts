import type { TrialsQueued } from '@factory/contracts';
import { priorShift } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import type { Claim } from '@factory/sql';
import { datasetKey, type DatasetCache } from './dataset-cache';
import { NO_FIGURES, type TrialOutcome } from './run-trial';
import type { DatasetWork } from './planning-thread';
import { trialDataBytes, type TrialData } from './trial-data';
import type { TrialRunner } from './workers/trial-pool';

/** A trial that ended so many processes is not tried again. */
const CRASHES_TO_SKIP = 2;

/** Left in the ledger while a group is worked on, for whoever takes over after a native crash. */
export interface GroupNote {
  /** Trials that were running when the note was written. */
  readonly inHand: readonly number[];
  /** How many processes each trial has ended. */
  readonly crashes: Readonly<Record<string, number>>;
}

/** The note of an earlier claim. One that gave the work back took its trials out of hand, but what crashed stays. */
export function noteLeftBehind({
  note,
  afterExpiry,
}: Pick<Claim, 'note' | 'afterExpiry'>): GroupNote | undefined {
  const left = note as GroupNote | null;
  if (!left) return undefined;
  return afterExpiry ? left : { inHand: [], crashes: left.crashes };
}

export interface GroupRequest extends Pick<
  TrialsQueued,
  'dataset' | 'transform' | 'seed' | 'f1' | 'f0' | 'matrix' | 'combinations'
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
  execute(request: GroupRequest): Promise<TrialOutcome[]> {
    const { dataset, transform, matrix } = request;
    return this.cache.use(
      {
        key: datasetKey(dataset.sha256, transform.sha256),
        bytes: trialDataBytes(matrix.rows, matrix.width),
        load: () => this.load(request),
      },
      (data) => this.train(data, request),
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

  private async train(data: TrialData, request: GroupRequest): Promise<TrialOutcome[]> {
    const { combinations, seed, signal, leftBehind, writeNote, onProgress } = request;
    const crashes = crashesSoFar(leftBehind);
    const skipped = combinations.filter(({ trial }) => (crashes[trial] ?? 0) >= CRASHES_TO_SKIP);
    const open = combinations.filter((one) => !skipped.includes(one));
    const inHand = new Set<number>();
    let trialsDone = skipped.length;
    let noted = Promise.resolve();
    // One after the other, each with what is in hand by then: notes that overtake each other would lose a trial.
    const note = (): Promise<void> => (noted = noted.then(() => writeNote({ inHand: [...inHand], crashes })));
    let best = Infinity;
    const tell = (trial: number, epoch?: number): void =>
      onProgress({
        trial,
        trialsDone,
        trialsTotal: combinations.length,
        ...(epoch === undefined ? {} : { epoch }),
        ...(Number.isFinite(best) ? { best } : {}),
      });
    const outcomes = await this.trials.runGroup(data, open, {
      seed,
      signal,
      beforeTrial: (trial) => {
        inHand.add(trial);
        return note();
      },
      onEpoch: (trial, { epoch }) => tell(trial, epoch),
      onOutcome: (outcome) => {
        inHand.delete(outcome.combination.trial);
        trialsDone++;
        if (outcome.status === 'done') best = Math.min(best, outcome.naturalValidationLogLoss ?? Infinity);
        tell(outcome.combination.trial);
      },
    });
    await note();
    const crashed = skipped.map((combination): TrialOutcome => {
      const error = `ended ${crashes[combination.trial]} processes: skipped`;
      return { ...NO_FIGURES, combination, status: 'crashed', error, weights: null, history: [] };
    });
    const all = new Map([...outcomes, ...crashed].map((one) => [one.combination.trial, one]));
    return combinations.flatMap(({ trial }) => all.get(trial) ?? []);
  }
}

function crashesSoFar(note: GroupNote | undefined): Record<string, number> {
  const crashes: Record<string, number> = { ...note?.crashes };
  for (const trial of note?.inHand ?? []) crashes[trial] = (crashes[trial] ?? 0) + 1;
  return crashes;
}
