import { BadInputError } from './errors';

export const OPTIMIZERS = ['adam', 'nadam', 'rmsprop', 'sgd'] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

/** One point of the grid: what a trial is trained with (rules R5). */
export interface Combination {
  /** Units of the first hidden layer. */
  readonly node1: number;
  /** Units of the second hidden layer. */
  readonly node2: number;
  /** Share of the first hidden layer's outputs dropped in training, [0, 1). */
  readonly dropout1: number;
  readonly dropout2: number;
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** Factor on the learning rate when validation loss stalls, (0, 1). */
  readonly lrAnnealing: number;
  readonly batchSize: number;
  /** Most epochs; early stopping ends most trials before. */
  readonly epochs: number;
}

/** A combination with its place in the grid. Numbers start at 1. */
export interface NumberedCombination extends Combination {
  readonly trial: number;
}

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

/** Every combination of a grid, numbered in a fixed order. */
export function expandGrid(name: GridName, epochs = DEFAULT_EPOCHS): NumberedCombination[] {
  const axes = AXES[name];
  const combinations: NumberedCombination[] = [];
  for (const [node1, node2] of axes.nodes)
    for (const [dropout1, dropout2] of axes.dropouts)
      for (const optimizer of axes.optimizers)
        for (const learningRate of axes.learningRates)
          for (const batchSize of axes.batchSizes)
            combinations.push({
              trial: combinations.length + 1,
              node1,
              node2,
              dropout1,
              dropout2,
              optimizer,
              learningRate,
              lrAnnealing: DEFAULT_LR_ANNEALING,
              batchSize,
              epochs,
            });
  return combinations;
}

/** Trainable parameters of Dense(node1) - Dense(node2) - Dense(1) over `features` inputs. */
export function parameterCount(features: number, combination: Pick<Combination, 'node1' | 'node2'>): number {
  const { node1, node2 } = combination;
  return (features + 1) * node1 + (node1 + 1) * node2 + (node2 + 1);
}
