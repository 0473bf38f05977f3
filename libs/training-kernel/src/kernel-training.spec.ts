import * as recorded from './fixtures/keras-training.json';
import type { KernelRows } from './kernel-memory';
import { KernelNetwork, type LayerParameters } from './kernel-network';
import { availableKernels, loadKernel } from './load-kernel';
import type { HiddenLayerSpec, NetworkSpec, OptimizerKind } from './network-spec';

interface RecordedLayer {
  kernel: number[];
  bias: number[];
  norm?: { gamma: number[]; beta: number[]; movingMean: number[]; movingVariance: number[] };
}

interface RecordedCase {
  name: string;
  hidden: HiddenLayerSpec[];
  optimizer: OptimizerKind;
  rate: number;
  momentum?: number;
  outputL2?: number;
  weighted?: boolean;
  classWeights?: [number, number];
  start: RecordedLayer[];
  trained: RecordedLayer[];
  logits: number[];
}

const CASES = recorded.cases as unknown as RecordedCase[];
const INPUTS = 5;

function parametersOf(layers: readonly RecordedLayer[]): LayerParameters[] {
  return layers.map(({ kernel, bias, norm }) => ({
    kernel: Float32Array.from(kernel),
    bias: Float32Array.from(bias),
    ...(norm && {
      norm: {
        gamma: Float32Array.from(norm.gamma),
        beta: Float32Array.from(norm.beta),
        movingMean: Float32Array.from(norm.movingMean),
        movingVariance: Float32Array.from(norm.movingVariance),
      },
    }),
  }));
}

function rowsOf(one: RecordedCase): KernelRows {
  return {
    features: Float32Array.from(recorded.features),
    labels: Uint8Array.from(recorded.labels),
    ...(one.weighted && { weights: Float32Array.from(recorded.weights) }),
    ...(one.classWeights && { classWeights: one.classWeights }),
  };
}

function specOf({ hidden, optimizer, momentum = 0, outputL2 = 0 }: RecordedCase): NetworkSpec {
  return {
    denseInputs: INPUTS,
    hidden,
    optimizer,
    momentum,
    outputL2,
    batchRows: recorded.batchRows,
    seed: 1,
  };
}

/** Relative to the largest expected value, which determines the rounding error. */
function distance(found: ArrayLike<number>, expected: readonly number[], leastSize = 0.01): number {
  const size = Math.max(...expected.map(Math.abs), leastSize);
  return Math.max(...expected.map((value, i) => Math.abs(found[i]! - value))) / size;
}

describe.each(availableKernels())('kernel build %s', (name) => {
  it.each(CASES)('trains like Keras 3: $name', (one) => {
    const network = new KernelNetwork(loadKernel(name).build, specOf(one));
    network.setParameters(parametersOf(one.start));
    const rows = rowsOf(one);
    const order = Uint32Array.from(recorded.labels, (_label, row) => row);
    for (let epoch = 0; epoch < recorded.epochs; epoch++) network.train(rows, order, one.rate);

    const trained = network.parameters();
    one.trained.forEach((layer, index) => {
      expect(distance(trained[index]!.kernel, layer.kernel)).toBeLessThan(1e-4);
      // Batch norm cancels a bias: its gradient is only rounding error, so it is not compared.
      const biasSize = layer.norm ? 1 : 0.01;
      expect(distance(trained[index]!.bias, layer.bias, biasSize)).toBeLessThan(1e-4);
      for (const part of ['gamma', 'beta', 'movingMean', 'movingVariance'] as const)
        if (layer.norm) expect(distance(trained[index]!.norm![part], layer.norm[part])).toBeLessThan(1e-4);
    });
    expect(distance(network.predict(rows, order), one.logits)).toBeLessThan(1e-4);
  });
});
