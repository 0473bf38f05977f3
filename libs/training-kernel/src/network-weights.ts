import { BadInputError } from '@factory/domain';
import type { DenseLayerWeights, NetworkWeights } from '@factory/model';
import type { LayerParameters } from './kernel-network';
import {
  ACTIVATIONS,
  DEFAULT_NORM_EPSILON,
  type HiddenActivation,
  type HiddenLayerSpec,
  type NetworkSpec,
} from './network-spec';

/**
 * The common format of weights of all engines. Batch norm is folded into the dense layer before it: outside training
 * it only scales and shifts each unit's sum, so the plain network has the same logits.
 *
 * @param parameters of a kernel network with this specification, `KernelNetwork.parameters`
 * @returns inputs in the kernel's order: dense columns, then coded ones
 */
export function networkWeightsOf(spec: NetworkSpec, parameters: readonly LayerParameters[]): NetworkWeights {
  const { normEpsilon = DEFAULT_NORM_EPSILON } = spec;
  return {
    layers: parameters.map((layer, index): DenseLayerWeights => {
      const { kernel, bias } = withoutNorm(layer, normEpsilon);
      const shape = { kernel, bias, inputs: kernel.length / bias.length, units: bias.length };
      const hidden = spec.hidden[index];
      if (!hidden) return { ...shape, activation: 'sigmoid' };
      const { activation = 'relu', dropout } = hidden;
      return { ...shape, activation, ...(dropout === undefined ? {} : { dropout }) };
    }),
  };
}

/**
 * Weights as parameters of a kernel network.
 *
 * @param order the network's input for each input in the kernel's order (dense columns, then coded ones); absent:
 *   the same
 */
export function kernelParametersOf({ layers }: NetworkWeights, order?: Uint32Array): LayerParameters[] {
  return layers.map(({ kernel, bias, units }, index) => {
    if (index > 0 || !order) return { kernel, bias };
    const moved = new Float32Array(kernel.length);
    order.forEach((input, at) => moved.set(kernel.subarray(input * units, (input + 1) * units), at * units));
    return { kernel: moved, bias };
  });
}

/** The hidden layers of plain weights. @throws BadInputError `unknown-activation` */
export function hiddenSpecsOf({ layers }: NetworkWeights): HiddenLayerSpec[] {
  return layers.slice(0, -1).map((layer) => ({
    units: layer.units,
    activation: hiddenActivation(layer),
    ...(layer.dropout === undefined ? {} : { dropout: layer.dropout }),
  }));
}

function hiddenActivation({ activation }: DenseLayerWeights): HiddenActivation {
  const found = ACTIVATIONS.find((one) => one === activation);
  if (found) return found;
  throw new BadInputError('unknown-activation', {
    field: 'layer.activation',
    value: activation,
    todo: `hidden layers are ${ACTIVATIONS.join(', ')}`,
  });
}

/** gamma (s - mean) / sqrt(variance + epsilon) + beta, with s = input x kernel + bias, as one dense layer. */
function withoutNorm(
  { kernel, bias, norm }: LayerParameters,
  epsilon: number,
): Pick<LayerParameters, 'kernel' | 'bias'> {
  if (!norm) return { kernel, bias };
  const units = bias.length;
  const scales = Float64Array.from(
    norm.gamma,
    (gamma, unit) => gamma / Math.sqrt((norm.movingVariance[unit] ?? 0) + epsilon),
  );
  return {
    kernel: kernel.map((weight, at) => weight * (scales[at % units] ?? 0)),
    bias: bias.map(
      (value, unit) => (value - (norm.movingMean[unit] ?? 0)) * (scales[unit] ?? 0) + (norm.beta[unit] ?? 0),
    ),
  };
}
