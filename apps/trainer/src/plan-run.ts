import type { ArtefactRef, TrialsQueued } from '@factory/contracts';
import { drawTrials, expandGrid, type GridName, type Policy, type Trial } from '@factory/domain';
import type { Transform } from '@factory/normalisation';
import type { ObjectStore } from '@factory/object-store';
import type { DatasetMemory } from './dataset-memory';
import type { FittedBaseline } from './fit-baseline';
import type { FittedDataset } from './fit-dataset';
import type { MatrixSize } from './matrix-size';
import { planHalving } from './plan-halving';
import { planTrials, roughRowsPerSecond } from './plan-trials';
import type { DatasetWork } from './planning-thread';
import type { BaselineRanking, TableQuestion } from './suspect-tables';
import { fitBytes } from './train-rows';

export interface PlanRequest {
  readonly dataset: ArtefactRef;
  readonly grid: GridName;
  readonly policy: Pick<Policy, 'epochs' | 'scaler' | 'maxFeatures' | 'search' | 'searchTrials'>;
  /** The run's seed: draws the trials of a random search. */
  readonly seed: string;
  /** Starts of shorter windows on which the winner's settings are to be trained too (rules R1). */
  readonly shorter?: readonly string[] | undefined;
  /** For the joint leak check; absent: it is not made. */
  readonly question?: TableQuestion | undefined;
}

export interface PlannedRun {
  readonly transform: Transform;
  /** The matrix that every trial shares. */
  readonly matrix: MatrixSize;
  readonly groups: readonly (readonly Trial[])[];
  readonly baseline: FittedBaseline;
  /** Shorter windows with fewer rows than the dataset; the others would train the same model again. */
  readonly shorter: NonNullable<TrialsQueued['shorter']>;
  readonly ranking?: BaselineRanking | undefined;
}

/**
 * Fits the transform and the baseline on train rows, once for all trials of a run, and splits the trials to search into
 * groups.
 */
export class PlanRun {
  constructor(
    private readonly store: Pick<ObjectStore, 'getStream'>,
    private readonly datasets: Pick<DatasetWork, 'fit'>,
    private readonly memory: DatasetMemory,
  ) {}

  /**
   * @throws RunSkippedError `no-features` if the transform drops every column
   * @throws BadInputError `dataset-too-large` if its train rows do not fit into the pod's memory for datasets
   * @throws IntegrityError if the dataset is not what sampling wrote
   */
  async execute(request: PlanRequest, signal?: AbortSignal): Promise<PlannedRun> {
    const { grid, policy, seed } = request;
    const fitted = await this.fit(request, signal);
    const { transform, trainRows, matrix, baseline, ranking } = fitted;
    const { width } = matrix;
    const all = expandGrid(grid, policy.epochs);
    const trials = policy.search === 'random' ? drawTrials(all, policy.searchTrials, seed) : all;
    const options = { trainRows, rowsPerSecond: roughRowsPerSecond(width) };
    const groups =
      policy.search === 'asha' ? planHalving(trials, { ...options, width }) : planTrials(trials, options);
    return { transform, matrix, groups, baseline, shorter: fewerRows(request.shorter, fitted), ranking };
  }

  private fit(
    { dataset, policy: { scaler, maxFeatures }, shorter, question }: PlanRequest,
    signal: AbortSignal | undefined,
  ): Promise<FittedDataset> {
    const maxBytes = fitBytes(dataset, this.memory.maxBytes);
    const input = { dataset, policy: { scaler, maxFeatures }, maxBytes, shorter, question };
    const open = () => this.store.getStream(dataset.key, dataset.bytes);
    return this.memory.lend(maxBytes, () => this.datasets.fit(input, open, signal), signal);
  }
}

function fewerRows(
  starts: PlanRequest['shorter'] = [],
  { shorterRows, matrix }: FittedDataset,
): PlannedRun['shorter'] {
  return starts
    .map((start, at) => ({ start, rows: shorterRows[at] ?? 0 }))
    .filter(({ rows }) => rows > 0 && rows < matrix.rows);
}
