import * as tf from '@tensorflow/tfjs';
import type { KernelRows } from './kernel-memory';
import { KernelNetwork, type LayerParameters } from './kernel-network';
import { availableKernels, loadKernel } from './load-kernel';
import { ACTIVATIONS, type NetworkSpec } from './network-spec';
import {
  drawParameters,
  drawRows,
  inOrder,
  plainOf,
  referenceLoss,
  writtenOut,
  type PlainLayer,
} from './conformance/reference-loss';

const COMMON = { optimizer: 'sgd', batchRows: 32, seed: 3 } as const;

const NETWORKS: [string, NetworkSpec][] = [
  ...ACTIVATIONS.map((activation): [string, NetworkSpec] => [
    `two ${activation} layers`,
    {
      ...COMMON,
      denseInputs: 6,
      hidden: [
        { units: 9, activation },
        { units: 5, activation },
      ],
    },
  ]),
  ...ACTIVATIONS.map((activation): [string, NetworkSpec] => [
    `${activation} after batch norm, with l2`,
    {
      ...COMMON,
      denseInputs: 4,
      hidden: [
        { units: 7, activation, batchNorm: true, l2: 0.03 },
        { units: 3, activation, batchNorm: true },
      ],
      outputL2: 0.02,
    },
  ]),
  ['no hidden layer', { ...COMMON, denseInputs: 5, hidden: [], outputL2: 0.1 }],
  ['one hidden layer', { ...COMMON, denseInputs: 5, hidden: [{ units: 17 }] }],
  [
    'four hidden layers',
    {
      ...COMMON,
      denseInputs: 5,
      hidden: [{ units: 8 }, { units: 20, activation: 'tanh' }, { units: 3 }, { units: 4 }],
    },
  ],
  [
    'one-hot codes with dense columns',
    { ...COMMON, denseInputs: 3, codedInputs: 10, codeGroups: 2, hidden: [{ units: 8 }, { units: 4 }] },
  ],
  [
    'one-hot codes alone, without hidden layers',
    { ...COMMON, denseInputs: 0, codedInputs: 12, codeGroups: 3, hidden: [] },
  ],
];

/** Central differences of the float64 reference loss, parameter by parameter. */
function differences(spec: NetworkSpec, layers: readonly LayerParameters[], rows: KernelRows): PlainLayer[] {
  const step = 1e-5;
  const plain = plainOf(layers);
  const slopes = (values: number[]) =>
    values.map((value, i) => {
      values[i] = value + step;
      const above = referenceLoss(spec, plain, rows);
      values[i] = value - step;
      const below = referenceLoss(spec, plain, rows);
      values[i] = value;
      return (above - below) / (2 * step);
    });
  return plain.map(({ kernel, bias, gamma, beta }) => ({
    kernel: slopes(kernel),
    bias: slopes(bias),
    ...(gamma && beta && { gamma: slopes(gamma), beta: slopes(beta) }),
  }));
}

/** The same loss as a tfjs expression, differentiated by tfjs. */
function tfjsGradients(
  spec: NetworkSpec,
  layers: readonly LayerParameters[],
  rows: KernelRows,
): Float32Array[] {
  return tf.tidy(() => {
    const width = spec.denseInputs + (spec.codedInputs ?? 0);
    const variables = layers.flatMap(({ kernel, bias, norm }) => [
      tf.variable(tf.tensor2d(kernel, [kernel.length / bias.length, bias.length])),
      tf.variable(tf.tensor1d(bias)),
      ...(norm ? [tf.variable(tf.tensor1d(norm.gamma)), tf.variable(tf.tensor1d(norm.beta))] : []),
    ]);
    const input = tf.tensor2d(rows.features, [rows.labels.length, width]);
    const labels = tf.tensor2d(Float32Array.from(rows.labels), [rows.labels.length, 1]);
    const weights = tf.tensor2d(
      Float32Array.from(
        rows.labels,
        (label, row) => rows.weights![row]! * rows.classWeights![label as 0 | 1],
      ),
      [rows.labels.length, 1],
    );
    const { grads } = tf.variableGrads(() => {
      const left = [...variables];
      let value: tf.Tensor = input;
      let penalty: tf.Tensor = tf.scalar(0);
      layers.forEach((layer, index) => {
        const kernel = left.shift()!;
        const hidden = spec.hidden[index];
        penalty = penalty.add(
          kernel
            .square()
            .sum()
            .mul((hidden ? hidden.l2 : spec.outputL2) ?? 0),
        );
        value = value.matMul(kernel).add(left.shift()!);
        if (layer.norm) {
          const { mean, variance } = tf.moments(value, 0);
          const scaled = value.sub(mean).div(variance.add(spec.normEpsilon ?? 1e-3).sqrt());
          value = scaled.mul(left.shift()!).add(left.shift()!);
        }
        if (hidden) value = tf[hidden.activation ?? 'relu'](value);
      });
      const stable = value.relu().sub(value.mul(labels)).add(value.abs().neg().exp().log1p());
      return stable.mul(weights).mean().add(penalty).asScalar();
    });
    return variables.map((variable) => grads[variable.name]!.dataSync<'float32'>().slice());
  });
}

/** Largest difference divided by the largest value. */
function apart(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const all = Array.from(expected);
  const size = Math.max(...all.map(Math.abs), 1e-3);
  return Math.max(...all.map((value, i) => Math.abs(found[i]! - value))) / size;
}

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});
afterAll(() => tf.disposeVariables());

describe.each(availableKernels())('gradients of kernel build %s', (name) => {
  describe.each(NETWORKS)('%s', (_name, spec) => {
    const parameters = drawParameters(spec, 5);
    const rows = drawRows(spec, 29, 11);
    const dense = writtenOut(rows, spec);
    const network = new KernelNetwork(loadKernel(name).build, spec);
    network.setParameters(parameters);
    const { layers, sums } = network.gradients(rows, inOrder(29));

    it('are those of finite differences, to 1e-4', () => {
      differences(spec, parameters, dense).forEach((expected, index) => {
        expect(apart(layers[index]!.kernel, expected.kernel)).toBeLessThan(1e-4);
        expect(apart(layers[index]!.bias, expected.bias)).toBeLessThan(1e-4);
        if (expected.gamma) expect(apart(layers[index]!.gamma!, expected.gamma)).toBeLessThan(1e-4);
        if (expected.beta) expect(apart(layers[index]!.beta!, expected.beta)).toBeLessThan(1e-4);
      });
    });

    it('are those of tfjs, to 1e-4', () => {
      const found = layers.flatMap(({ kernel, bias, gamma, beta }) =>
        [kernel, bias, gamma, beta].filter(Boolean),
      );
      tfjsGradients(spec, parameters, dense).forEach((expected, at) => {
        expect(apart(found[at]!, expected)).toBeLessThan(1e-4);
      });
    });

    it('are returned with the loss of the batch in float64', () => {
      const unpunished = { ...spec, outputL2: 0, hidden: spec.hidden.map((layer) => ({ ...layer, l2: 0 })) };
      const expected = referenceLoss(unpunished, plainOf(parameters), dense) * 29;
      expect(Math.abs(sums.loss - expected) / expected).toBeLessThan(1e-6);
    });
  });
});
