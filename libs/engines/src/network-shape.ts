import type { NetworkSettings } from '@factory/domain';
import type { DenseLayerWeights, NetworkWeights } from '@factory/model';
import { SeededRandom } from './seeded-random';

/** Standard deviation of a standard normal cut at two deviations: what Keras divides by. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

/**
 * The untrained network of rules R5: Dense(node1, relu), Dense(node2, relu), Dense(1, sigmoid). Hidden kernels
 * He-normal (truncated at two deviations, as Keras), output Glorot-uniform, biases zero. All engines start from
 * it, so a seed gives the same start everywhere.
 */
export function initialNetwork(width: number, settings: NetworkSettings, seed: number): NetworkWeights {
  const { node1, node2, dropout1, dropout2 } = settings;
  const random = new SeededRandom(seed, 'initial-weights');
  return {
    layers: [
      { ...hidden(width, node1, random), dropout: dropout1 },
      { ...hidden(node1, node2, random), dropout: dropout2 },
      output(node2, random),
    ],
  };
}

/**
 * The order in which an epoch visits the train rows: a new permutation for each epoch, determined by the seed.
 *
 * @param into where to write it, as long as `trainRows`; reusing one for all epochs avoids garbage
 */
export function epochOrder(
  trainRows: Uint32Array,
  seed: number,
  epoch: number,
  into: Uint32Array = new Uint32Array(trainRows.length),
): Uint32Array {
  into.set(trainRows);
  new SeededRandom(seed, `order-${epoch}`).shuffle(into);
  return into;
}

/** An independent copy. */
export function copyNetwork(network: NetworkWeights): NetworkWeights {
  return {
    layers: network.layers.map((layer) => ({
      ...layer,
      kernel: Float32Array.from(layer.kernel),
      bias: Float32Array.from(layer.bias),
    })),
  };
}

/** False when any weight is NaN or infinite. */
export function hasFiniteWeights(network: NetworkWeights): boolean {
  return network.layers.every(
    (layer) => layer.kernel.every(Number.isFinite) && layer.bias.every(Number.isFinite),
  );
}

function hidden(inputs: number, units: number, random: SeededRandom): DenseLayerWeights {
  const deviation = Math.sqrt(2 / inputs) / TRUNCATED_DEVIATION;
  return {
    kernel: Float32Array.from({ length: inputs * units }, () => truncatedNormal(random) * deviation),
    bias: new Float32Array(units),
    inputs,
    units,
    activation: 'relu',
  };
}

function output(inputs: number, random: SeededRandom): DenseLayerWeights {
  const limit = Math.sqrt(6 / (inputs + 1));
  return {
    kernel: Float32Array.from({ length: inputs }, () => (random.fraction() * 2 - 1) * limit),
    bias: new Float32Array(1),
    inputs,
    units: 1,
    activation: 'sigmoid',
  };
}

function truncatedNormal(random: SeededRandom): number {
  for (;;) {
    const drawn = random.normal();
    if (Math.abs(drawn) <= 2) return drawn;
  }
}
