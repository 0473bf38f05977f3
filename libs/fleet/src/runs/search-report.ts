import { DEFAULT_POLICY, expandGrid, GRID_NAMES, type Policy } from '@factory/domain';
import type { RunSummary, TrialRow } from '@factory/ledger';

/** The cost of searching the grid, and the maximum cost of training all of it. */
export interface SearchReport {
  readonly search: string;
  readonly trials: number;
  readonly gridTrials: number;
  /** Epochs of the trials recorded so far. */
  readonly epochsTrained: number;
  readonly epochsOfGrid: number;
}

/** @returns null if there is no trial yet, or the grid is unknown to this release */
export function searchReport(
  summary: Pick<RunSummary, 'grid' | 'policy'>,
  trials: readonly Pick<TrialRow, 'epochsRun'>[],
): SearchReport | null {
  const grid = GRID_NAMES.find((name) => name === summary.grid);
  if (!grid || trials.length === 0) return null;
  const policy: Policy = { ...DEFAULT_POLICY, ...summary.policy };
  const gridTrials = expandGrid(grid).length;
  return {
    search: policy.search,
    trials: trials.length,
    gridTrials,
    epochsTrained: trials.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
    epochsOfGrid: gridTrials * policy.epochs,
  };
}
