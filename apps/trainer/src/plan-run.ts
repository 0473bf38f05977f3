import type { ArtefactRef, DrawnCounts } from '@factory/contracts';
import {
  expandGrid,
  RunSkippedError,
  rowsOf,
  type GridName,
  type NumberedCombination,
  type Policy,
} from '@factory/domain';
import { fitTransform, type Transform } from '@factory/normalisation';
import { decodeDataset, getVerified, type ObjectStore } from '@factory/object-store';
import { planTrials, roughRowsPerSecond } from './plan-trials';
import { trialRowCount } from './trial-data';

export interface PlanRequest {
  readonly dataset: ArtefactRef;
  readonly counts: DrawnCounts;
  readonly grid: GridName;
  readonly policy: Pick<Policy, 'epochs' | 'scaler' | 'maxFeatures'>;
}

export interface RunPlan {
  readonly transform: Transform;
  /** Rows and columns of the matrix that every trial shares. */
  readonly matrix: { readonly rows: number; readonly width: number };
  readonly groups: readonly (readonly NumberedCombination[])[];
}

/** Fits the transform on train rows, once for all trials of a run, and cuts the grid into groups. */
export class PlanRun {
  constructor(private readonly store: Pick<ObjectStore, 'get'>) {}

  /**
   * @throws RunSkippedError `no-features` when the transform drops every column
   * @throws IntegrityError when the dataset is not what sampling wrote
   */
  async execute(request: PlanRequest): Promise<RunPlan> {
    const { scaler, maxFeatures, epochs } = request.policy;
    const dataset = decodeDataset(await getVerified(this.store, request.dataset));
    const trainRows = rowsOf(dataset, 'train');
    const transform = fitTransform(dataset.features, trainRows, { scaler, maxFeatures });
    const width = transform.outputs.length;
    if (width === 0)
      throw new RunSkippedError('no-features', 'every column was dropped: see the reasons', {
        dropped: transform.dropped,
      });
    const groups = planTrials(expandGrid(request.grid, epochs), {
      trainRows: trainRows.length,
      rowsPerSecond: roughRowsPerSecond(width),
    });
    return { transform, matrix: { rows: trialRowCount(dataset), width }, groups };
  }
}
