import type { DenseLayerWeights, NetworkWeights } from '@factory/model';

type Arrays = readonly Float32Array[];

/**
 * The layout of networks of different widths in one matrix [networks, parameters]: every layer is as wide as in
 * the widest network, the rest is filled with zeros. Padding stays unchanged: its outputs are 0, and so are all
 * gradients around it.
 */
export class PaddedLayout {
  /** Inputs and units of each layer, padding included. */
  readonly layers: readonly { readonly inputs: number; readonly units: number }[];
  /** Lengths of the parts of a row: kernel, bias, kernel, bias ... */
  readonly sizes: readonly number[];
  /** Length of a row. */
  readonly parameters: number;

  /** @param networks at least one; all with the same inputs and number of layers */
  constructor(networks: readonly NetworkWeights[]) {
    const [first] = networks;
    const widest = (index: number) => Math.max(...networks.map(({ layers }) => layers[index]?.units ?? 0));
    let inputs = first?.layers[0]?.inputs ?? 0;
    this.layers = (first?.layers ?? []).map((_layer, index) => {
      const layer = { inputs, units: widest(index) };
      inputs = layer.units;
      return layer;
    });
    this.sizes = this.layers.flatMap((layer) => [layer.inputs * layer.units, layer.units]);
    this.parameters = this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** @returns [parameters], a row of the matrix */
  pack(arrays: Arrays, network: NetworkWeights): Float32Array {
    const row = new Float32Array(this.parameters);
    this.eachUnitRow(arrays, network, (values, at) => row.set(values, at));
    return row;
  }

  /** @returns the arguments of `pack`: kernel and bias of each layer without padding */
  unpack(row: Float32Array, network: NetworkWeights): Float32Array[] {
    const arrays = arraysOf(network).map((values) => new Float32Array(values.length));
    this.eachUnitRow(arrays, network, (values, at) => values.set(row.subarray(at, at + values.length)));
    return arrays;
  }

  private eachUnitRow(
    arrays: Arrays,
    network: NetworkWeights,
    visit: (values: Float32Array, at: number) => void,
  ): void {
    let start = 0;
    this.layers.forEach(({ units: stride }, index) => {
      const layer = network.layers[index];
      const [kernel, bias] = [arrays[2 * index], arrays[2 * index + 1]];
      if (!layer || !kernel || !bias) return;
      const { inputs, units } = layer;
      for (let i = 0; i < inputs; i++) visit(kernel.subarray(i * units, (i + 1) * units), start + i * stride);
      start += this.sizes[2 * index] ?? 0;
      visit(bias, start);
      start += stride;
    });
  }
}

/** Kernel and bias of each layer, not copied. */
export function arraysOf(network: NetworkWeights): Float32Array[] {
  return network.layers.flatMap(({ kernel, bias }) => [kernel, bias]);
}

/** A network of the same shape with other kernels and biases. */
export function withArrays(network: NetworkWeights, arrays: Arrays): NetworkWeights {
  return {
    layers: network.layers.map((layer, index): DenseLayerWeights => ({
      ...layer,
      kernel: arrays[2 * index] ?? layer.kernel,
      bias: arrays[2 * index + 1] ?? layer.bias,
    })),
  };
}
