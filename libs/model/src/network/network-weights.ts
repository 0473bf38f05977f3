/**
 * The activation of a layer, in Keras' terms. The network's last layer is `sigmoid`; scoring uses the logit
 * before it.
 */
export const ACTIVATIONS = ['relu', 'tanh', 'elu', 'selu', 'sigmoid', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** One dense layer: output = activation(input x kernel + bias). */
export interface DenseLayerWeights {
  /** [inputs, units], row-major: the weight from input i to unit u is `kernel[i * units + u]`. */
  readonly kernel: Float32Array;
  /** [units]. */
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly units: number;
  readonly activation: Activation;
  /** Fraction of this layer's outputs dropped in training, [0, 1); absent = none. Scoring never drops. */
  readonly dropout?: number;
}

/** A trained feed-forward network: layers in order, each with the output of the previous one as input. */
export interface NetworkWeights {
  readonly layers: readonly DenseLayerWeights[];
}
