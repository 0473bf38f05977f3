import * as tf from '@tensorflow/tfjs';
import { forwardLogits, NetworkModel } from '@factory/model';
import { drawParameters, drawRows, inOrder, writtenOut } from './conformance/reference-loss';
import { KernelNetwork } from './kernel-network';
import { availableKernels, loadKernel } from './load-kernel';
import { ACTIVATIONS, type NetworkSpec } from './network-spec';
import { networkWeightsOf } from './network-weights';

const ROWS = 60;

/** Layers of every activation, with and without batch norm, one of them with dropout. */
const SPEC: NetworkSpec = {
  ...{ denseInputs: 6, codedInputs: 8, codeGroups: 2, optimizer: 'adam', batchRows: 16, seed: 4 },
  hidden: ACTIVATIONS.map((activation, index) => ({
    activation,
    units: 9 + index,
    batchNorm: index % 2 === 0,
    ...(index === 1 ? { dropout: 0.25 } : {}),
  })),
};
const rows = drawRows(SPEC, ROWS, 11);
const { features } = writtenOut(rows, SPEC);
const width = features.length / ROWS;

/** Trained for a few epochs: moving statistics and parameters differ from their initial values. */
function trainedNetwork(): KernelNetwork {
  const network = new KernelNetwork(loadKernel(availableKernels()[0]!).build, SPEC);
  network.setParameters(drawParameters(SPEC, 5));
  for (let epoch = 0; epoch < 3; epoch++) network.train(rows, inOrder(ROWS), 0.01);
  return network;
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found).toHaveLength(wanted.length);
  Array.from(wanted, (value, at) =>
    expect(Math.abs(found[at]! - value)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(value))),
  );
}

describe('weights of a kernel network as plain layers', () => {
  it('have the logits that the kernel predicts, for every activation, batch norm folded in', () => {
    const network = trainedNetwork();
    const weights = networkWeightsOf(SPEC, network.parameters());
    expectClose(forwardLogits(weights, features, ROWS, width), network.predict(rows, inOrder(ROWS)));
  });

  it('become a LayersModel with the same scores in stock TensorFlow.js', async () => {
    await tf.setBackend('cpu');
    const network = trainedNetwork();
    const files = new NetworkModel(networkWeightsOf(SPEC, network.parameters())).toFiles('any');
    const modelJson = JSON.parse(files.get('model.json')!.toString()) as {
      modelTopology: object;
      weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
    };
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: modelJson.modelTopology,
        weightSpecs: modelJson.weightsManifest[0]!.weights,
        weightData: new Uint8Array(files.get('weights.bin')!).buffer,
      }),
    );
    const scores = tf.tidy(() =>
      (model.predict(tf.tensor2d(features, [ROWS, width])) as tf.Tensor).dataSync(),
    );
    model.dispose();
    const logits = network.predict(rows, inOrder(ROWS));
    expectClose(
      scores,
      logits.map((logit) => 1 / (1 + Math.exp(-logit))),
    );
  });

  it('keep shapes, activations and dropout', () => {
    const { layers } = networkWeightsOf(SPEC, trainedNetwork().parameters());
    expect(
      layers.map(({ inputs, units, activation, dropout }) => [inputs, units, activation, dropout]),
    ).toEqual([
      [14, 9, 'relu', undefined],
      [9, 10, 'tanh', 0.25],
      [10, 11, 'elu', undefined],
      [11, 12, 'selu', undefined],
      [12, 1, 'sigmoid', undefined],
    ]);
  });
});
