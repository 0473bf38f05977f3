import { BadInputError } from '@factory/domain';
import type { LogitLine } from '../predictor';
import type { Activation, DenseLayerWeights, NetworkWeights } from './network-weights';

/**
 * The network's output before its last activation, for many rows. Sums in float64; dropout is not applied.
 *
 * @param matrix [rows, width] row-major
 * @returns [rows] logits; NaN in the input or the weights gives NaN
 * @throws BadInputError `width-mismatch` if the network has another number of inputs
 */
export function forwardLogits(
  network: NetworkWeights,
  matrix: Float32Array,
  rows: number,
  width: number,
): Float64Array {
  checkShapes(network, width);
  const buffers = network.layers.map(({ units }) => new Float64Array(units));
  const logits = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let values: Float32Array | Float64Array = matrix.subarray(row * width, (row + 1) * width);
    network.layers.forEach((layer, index) => {
      const sums = buffers[index] ?? new Float64Array(layer.units);
      addProducts(layer, values, sums);
      if (index < network.layers.length - 1) activate(layer, sums);
      values = sums;
    });
    logits[row] = values[0] ?? NaN;
  }
  return logits;
}

/** The logit of one vector: the same bits as from `forwardLogits` for many. */
export function logitOf(network: NetworkWeights, vector: Float32Array): number {
  return forwardLogits(network, vector, 1, vector.length)[0] ?? NaN;
}

/** sums = bias + values x kernel. Most inputs are zeros (one-hot, relu), which are skipped. */
function addProducts(
  layer: DenseLayerWeights,
  values: Float32Array | Float64Array,
  sums: Float64Array,
): void {
  const { kernel, inputs, units } = layer;
  sums.set(layer.bias);
  for (let input = 0; input < inputs; input++) {
    const value = values[input] ?? 0;
    if (value === 0) continue;
    const start = input * units;
    for (let unit = 0; unit < units; unit++) {
      sums[unit] = (sums[unit] ?? 0) + value * (kernel[start + unit] ?? 0);
    }
  }
}

/** Klambauer et al. 2017, with the digits of Keras. */
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** NaN gives NaN: no `Math.max(0, sum)`, no `sum > 0`. */
const ACTIVATE: Readonly<Record<Activation, (sum: number) => number>> = {
  relu: (sum) => (sum < 0 ? 0 : sum),
  tanh: Math.tanh,
  elu: (sum) => (sum < 0 ? Math.expm1(sum) : sum),
  selu: (sum) => SELU_SCALE * (sum < 0 ? SELU_ALPHA * Math.expm1(sum) : sum),
  sigmoid: (sum) => 1 / (1 + Math.exp(-sum)),
  linear: (sum) => sum,
};

function activate({ activation }: DenseLayerWeights, sums: Float64Array): void {
  const result = ACTIVATE[activation];
  for (let unit = 0; unit < sums.length; unit++) sums[unit] = result(sums[unit] ?? 0);
}

function checkShapes(network: NetworkWeights, width: number): void {
  let expected = width;
  network.layers.forEach(({ inputs, units }, index) => {
    if (inputs !== expected) {
      throw new BadInputError('width-mismatch', {
        field: `layers[${index}].inputs`,
        value: inputs,
        todo: `give a network for ${expected} inputs, with the transform it was trained on`,
      });
    }
    expected = units;
  });
}

/** The network with its last weights and bias such that every logit is `slope x logit + bias`, rounded to float32. */
export function onLine(network: NetworkWeights, { slope, bias }: LogitLine): NetworkWeights {
  const last = network.layers.length - 1;
  return {
    layers: network.layers.map((layer, index) =>
      index === last
        ? {
            ...layer,
            kernel: layer.kernel.map((weight) => slope * weight),
            bias: layer.bias.map((own) => slope * own + bias),
          }
        : layer,
    ),
  };
}

/** Trainable parameters. */
export function countParameters(network: NetworkWeights): number {
  return network.layers.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0);
}
