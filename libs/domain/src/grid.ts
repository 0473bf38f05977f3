import { BadInputError, NewerVersionError } from './errors';
import type { Optimizer } from './network-settings';
import type { Trial } from './trial';

export const GRID_NAMES = ['quick', 'standard', 'full'] as const;
export type GridName = (typeof GRID_NAMES)[number];

interface Axes {
  readonly nodes: readonly (readonly [number, number])[];
  readonly dropouts: readonly (readonly [number, number])[];
  readonly optimizers: readonly Optimizer[];
  readonly learningRates: readonly number[];
  readonly batchSizes: readonly number[];
}

const PAIRED_DROPOUTS = [
  [0.2, 0.2],
  [0.5, 0.5],
] as const;

const AXES: Record<GridName, Axes> = {
  quick: {
    nodes: [
      [64, 32],
      [32, 16],
    ],
    dropouts: PAIRED_DROPOUTS,
    optimizers: ['adam'],
    learningRates: [0.001],
    batchSizes: [256],
  },
  standard: {
    nodes: [
      [128, 64],
      [64, 32],
      [32, 16],
    ],
    dropouts: PAIRED_DROPOUTS,
    optimizers: ['adam', 'rmsprop'],
    learningRates: [0.001, 0.003],
    batchSizes: [256],
  },
  full: {
    nodes: [128, 64, 32].flatMap((node1) => [64, 32, 16].map((node2) => [node1, node2] as const)),
    dropouts: [0.2, 0.5].flatMap((first) => [0.2, 0.5].map((second) => [first, second] as const)),
    optimizers: ['adam', 'rmsprop'],
    learningRates: [0.001, 0.003],
    batchSizes: [32, 256],
  },
};

export const DEFAULT_LR_ANNEALING = 0.1;
export const DEFAULT_EPOCHS = 50;

/** @throws BadInputError `unknown-grid` */
export function checkGridName(value: unknown, field = 'grid'): GridName {
  const known = GRID_NAMES.find((name) => name === value);
  if (known) return known;
  throw new BadInputError('unknown-grid', { field, value, todo: `use one of ${GRID_NAMES.join(', ')}` });
}

/** The grid stored with a run, which was checked when it came in. @throws NewerVersionError */
export function gridOfRun(stored: string): GridName {
  const known = GRID_NAMES.find((name) => name === stored);
  if (known) return known;
  throw new NewerVersionError('grid', stored, GRID_NAMES);
}

/** Every trial of a grid, numbered in a fixed order. */
export function expandGrid(name: GridName, epochs = DEFAULT_EPOCHS): Trial[] {
  const axes = AXES[name];
  const trials: Trial[] = [];
  for (const [node1, node2] of axes.nodes)
    for (const [dropout1, dropout2] of axes.dropouts)
      for (const optimizer of axes.optimizers)
        for (const learningRate of axes.learningRates)
          for (const batchSize of axes.batchSizes)
            trials.push({
              trial: trials.length + 1,
              family: 'network',
              settings: {
                node1,
                node2,
                dropout1,
                dropout2,
                optimizer,
                learningRate,
                lrAnnealing: DEFAULT_LR_ANNEALING,
                batchSize,
                epochs,
              },
            });
  return trials;
}
