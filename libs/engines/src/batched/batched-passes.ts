import * as tf from '@tensorflow/tfjs';
import type { PaddedLayout } from './padded-layout';

/** Maximum number of floats of one activation matrix outside training. */
const EVALUATION_FLOATS = 2 ** 25;
const FEWEST_EVALUATION_ROWS = 256;

/** A layer of K networks. */
export interface BatchedLayer {
  /** [K, inputs, units] */
  readonly kernel: tf.Tensor3D;
  /** [K, 1, units] */
  readonly bias: tf.Tensor3D;
}

/** The result of a forward pass for a batch. */
export interface ForwardPass {
  /**
   * Input of each layer: [1, batch, width] for the first, which all networks share, otherwise [K, batch,
   * units].
   */
  readonly inputs: readonly tf.Tensor3D[];
  /** [K, batch, 1] */
  readonly logits: tf.Tensor3D;
}

/** @param parameters [K, parameters] */
export function layersOf(parameters: tf.Tensor2D, layout: PaddedLayout): BatchedLayer[] {
  const parts = tf.split(parameters, [...layout.sizes], 1);
  return layout.layers.flatMap(({ inputs, units }, index) => {
    const [kernel, bias] = [parts[2 * index], parts[2 * index + 1]];
    if (!kernel || !bias) return [];
    return {
      kernel: kernel.reshape<tf.Tensor3D>([-1, inputs, units]),
      bias: bias.reshape<tf.Tensor3D>([-1, 1, units]),
    };
  });
}

/**
 * @param rows [batch, width]
 * @param drop applied to the output of each hidden layer; absent: no dropout
 */
export function forward(
  layers: readonly BatchedLayer[],
  rows: tf.Tensor2D,
  drop: (output: tf.Tensor3D, layer: number) => tf.Tensor3D = (output) => output,
): ForwardPass {
  const inputs: tf.Tensor3D[] = [];
  let input: tf.Tensor3D = rows.expandDims(0);
  layers.forEach(({ kernel, bias }, index) => {
    inputs.push(input);
    const sums = tf.matMul(input, kernel).add<tf.Tensor3D>(bias);
    input = index === layers.length - 1 ? sums : drop(tf.relu(sums), index);
  });
  return { inputs, logits: input };
}

/**
 * Gradients of each network's mean loss over the batch.
 *
 * @param labels [batch, 1]
 * @param scales of each hidden layer, [K, 1, 1]: what dropout multiplies kept outputs by
 * @returns [K, parameters]
 */
export function backward(
  layers: readonly BatchedLayer[],
  { inputs, logits }: ForwardPass,
  labels: tf.Tensor2D,
  scales: readonly tf.Tensor3D[],
): tf.Tensor2D {
  const gradients: tf.Tensor2D[] = [];
  const [networks, rows] = logits.shape;
  let slopes = tf.sigmoid(logits).sub<tf.Tensor3D>(labels).div<tf.Tensor3D>(rows);
  for (let index = layers.length - 1; index >= 0; index--) {
    const [input, layer] = [inputs[index], layers[index]];
    if (!input || !layer) continue;
    const ofKernel = tf.matMul(input, slopes, true);
    gradients.unshift(ofKernel.reshape([networks, -1]), tf.sum(slopes, 1));
    const scale = scales[index - 1];
    if (!scale) continue;
    // A unit with value 0 was below relu's corner, dropped or padding: no gradient flows through it.
    slopes = tf.matMul(slopes, layer.kernel, false, true).mul<tf.Tensor3D>(tf.step(input)).mul(scale);
  }
  return tf.concat(gradients, 1);
}

/**
 * Sums over the batch: of binary cross-entropies (softplus(z) - z y), and of rows on the wrong side of probability .5.
 *
 * @param labels [batch, 1]
 * @returns [K, 2]
 */
export function lossAndErrors(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Tensor2D {
  const loss = tf.softplus(logits).sub(logits.mul(labels));
  const errors = tf.abs(tf.step(logits).sub(labels));
  return tf.concat([tf.sum<tf.Tensor2D>(loss, 1), tf.sum<tf.Tensor2D>(errors, 1)], 1);
}

/** Rows per pass outside training. */
export function rowsAtATime(layout: PaddedLayout, networks: number): number {
  const units = Math.max(...layout.layers.map((layer) => layer.units));
  return Math.max(FEWEST_EVALUATION_ROWS, Math.floor(EVALUATION_FLOATS / (units * networks)));
}
