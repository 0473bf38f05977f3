import type { ArtefactRef } from '@factory/contracts';
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
import { fitBytes } from './train-rows';

export interface PlanRequest {
  readonly dataset: ArtefactRef;
  readonly grid: GridName;
  readonly policy: Pick<Policy, 'epochs' | 'scaler' | 'maxFeatures' | 'search' | 'searchTrials'>;
  /** The run's seed: draws the trials of a random search. */
  readonly seed: string;
}

export interface PlannedRun {
  readonly transform: Transform;
  /** The matrix that every trial shares. */
  readonly matrix: MatrixSize;
  readonly groups: readonly (readonly Trial[])[];
  readonly baseline: FittedBaseline;
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
  async execute({ dataset, grid, policy, seed }: PlanRequest, signal?: AbortSignal): Promise<PlannedRun> {
    const { transform, trainRows, matrix, baseline } = await this.fit(dataset, policy, signal);
    const { width } = matrix;
    const all = expandGrid(grid, policy.epochs);
    const trials = policy.search === 'random' ? drawTrials(all, policy.searchTrials, seed) : all;
    const options = { trainRows, rowsPerSecond: roughRowsPerSecond(width) };
    const groups =
      policy.search === 'asha' ? planHalving(trials, { ...options, width }) : planTrials(trials, options);
    return { transform, matrix, groups, baseline };
  }

  private fit(
    dataset: ArtefactRef,
    { scaler, maxFeatures }: PlanRequest['policy'],
    signal: AbortSignal | undefined,
  ): Promise<FittedDataset> {
    const maxBytes = fitBytes(dataset, this.memory.maxBytes);
    const input = { dataset, policy: { scaler, maxFeatures }, maxBytes };
    const open = () => this.store.getStream(dataset.key);
    return this.memory.lend(maxBytes, () => this.datasets.fit(input, open, signal), signal);
  }
}
