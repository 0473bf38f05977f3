import { expandGrid, GRID_NAMES, settingOfRun } from '@factory/domain';
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

/** @returns null if there is no trial yet, or this release does not know the grid, the search or the epochs */
export function searchReport(
  summary: Pick<RunSummary, 'grid' | 'policy'>,
  trials: readonly Pick<TrialRow, 'epochsRun'>[],
): SearchReport | null {
  const grid = GRID_NAMES.find((name) => name === summary.grid);
  const [search, epochs] = [settingOfRun(summary.policy, 'search'), settingOfRun(summary.policy, 'epochs')];
  if (!grid || search === undefined || epochs === undefined || trials.length === 0) return null;
  const gridTrials = expandGrid(grid).length;
  return {
    search,
    trials: trials.length,
    gridTrials,
    epochsTrained: trials.reduce((sum, { epochsRun }) => sum + (epochsRun ?? 0), 0),
    epochsOfGrid: gridTrials * epochs,
  };
}
