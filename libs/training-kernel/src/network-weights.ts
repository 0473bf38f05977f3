import type { DenseLayerWeights, NetworkWeights } from '@factory/model';
import type { LayerParameters } from './kernel-network';
import { DEFAULT_NORM_EPSILON, type NetworkSpec } from './network-spec';

/**
 * The form in which weights leave every engine. Batch norm is folded into the dense layer before it: without training
 * it only scales and moves each unit's sum, so the plain network has the same logits.
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
