import type { ArtefactRef } from '@factory/contracts';
import {
  drawCombinations,
  expandGrid,
  type GridName,
  type NumberedCombination,
  type Policy,
} from '@factory/domain';
import type { Transform } from '@factory/normalisation';
import { getVerified, type ObjectStore } from '@factory/object-store';
import { planHalving } from './plan-halving';
import { planTrials, roughRowsPerSecond } from './plan-trials';
import type { DatasetWork } from './planning-thread';

export interface PlanRequest {
  readonly dataset: ArtefactRef;
  readonly grid: GridName;
  readonly policy: Pick<Policy, 'epochs' | 'scaler' | 'maxFeatures' | 'search' | 'searchTrials'>;
  /** The run's: draws the combinations of a random search. */
  readonly seed: string;
}

export interface PlannedRun {
  readonly transform: Transform;
  /** Rows and columns of the matrix that every trial shares. */
  readonly matrix: { readonly rows: number; readonly width: number };
  readonly groups: readonly (readonly NumberedCombination[])[];
}

/** Fits the transform on train rows, once for all trials of a run, and cuts what is searched into groups. */
export class PlanRun {
  constructor(
    private readonly store: Pick<ObjectStore, 'get'>,
    private readonly datasets: Pick<DatasetWork, 'fit'>,
  ) {}

  /**
   * @throws RunSkippedError `no-features` when the transform drops every column
   * @throws IntegrityError when the dataset is not what sampling wrote
   */
  async execute({ dataset, grid, policy, seed }: PlanRequest, signal?: AbortSignal): Promise<PlannedRun> {
    const bytes = await getVerified(this.store, dataset);
    const { transform, trainRows, trialRows } = await this.datasets.fit({ dataset: bytes, policy }, signal);
    const width = transform.outputs.length;
    const all = expandGrid(grid, policy.epochs);
    const combinations = policy.search === 'random' ? drawCombinations(all, policy.searchTrials, seed) : all;
    const options = { trainRows, rowsPerSecond: roughRowsPerSecond(width) };
    const groups =
      policy.search === 'asha'
        ? planHalving(combinations, { ...options, width })
        : planTrials(combinations, options);
    return { transform, matrix: { rows: trialRows, width }, groups };
  }
}
