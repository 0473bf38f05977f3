export const OPTIMIZERS = ['adam', 'nadam', 'rmsprop', 'sgd'] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

/** What a network is trained with (rules R5). */
export interface NetworkSettings {
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

/** Trainable parameters of Dense(node1) - Dense(node2) - Dense(1) over `features` inputs. */
export function networkParameters(
  features: number,
  { node1, node2 }: Pick<NetworkSettings, 'node1' | 'node2'>,
): number {
  return (features + 1) * node1 + (node1 + 1) * node2 + (node2 + 1);
}
