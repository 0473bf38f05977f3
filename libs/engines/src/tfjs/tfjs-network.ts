import { BadInputError, type NetworkSettings } from '@factory/domain';
import type { DenseLayerWeights, NetworkWeights } from '@factory/model';
import * as tf from '@tensorflow/tfjs';
import { crossEntropyOfLogit, isCorrect } from '../binary-cross-entropy';
import { gatherRows } from '../expand-rows';
import { copyNetwork, initialNetwork } from '../network-shape';
import { createOptimizer, type ParameterUpdate } from '../optimizers';
import { packArrays, unpackArrays } from '../pack-arrays';
import { SeededRandom } from '../seeded-random';
import type { CancelFlag, InputMatrix, LossSums, NetworkInTraining, TrainingData } from '../training-engine';

/** Rows per forward pass outside training. */
const EVALUATION_ROWS = 4096;

type Matrix = InputMatrix;

/** The values of one hidden layer that the backward pass needs. */
interface HiddenPass {
  readonly layer: DenseLayerWeights;
  /** [batch, inputs] */
  readonly input: tf.Tensor2D;
  readonly kernel: tf.Tensor2D;
  /** [batch, units], after relu and dropout. */
  readonly output: tf.Tensor2D;
}

/**
 * One network trained with tfjs kernels and a backward pass written out by hand. The matrix products run in the
 * backend; loss, output layer (one unit) and weight update run on typed arrays, where a single pass costs less
 * than the dozens of kernel calls that tfjs's optimizers and gradient tape would make. Transposes are explicit:
 * the wasm backend multiplies transposed operands in a slow loop.
 */
export class TfjsNetwork implements NetworkInTraining {
  private readonly network: NetworkWeights;
  private readonly optimizer: ParameterUpdate;
  private readonly parameters: Float32Array[];
  private readonly gradients: Float32Array[];
  private readonly dropoutRandom: SeededRandom;

  constructor(
    private readonly data: TrainingData,
    private readonly settings: NetworkSettings,
    seed: number,
    state?: Uint8Array,
  ) {
    this.network = initialNetwork(data.width, settings, seed);
    this.dropoutRandom = new SeededRandom(seed, 'dropout');
    this.parameters = this.network.layers.flatMap((layer) => [layer.kernel, layer.bias]);
    this.gradients = this.parameters.map((values) => new Float32Array(values.length));
    this.optimizer = createOptimizer(
      settings.optimizer,
      this.parameters.map((values) => values.length),
    );
    if (state) this.goOnFrom(state);
  }

  trainEpoch(order: Uint32Array, learningRate: number, signal: CancelFlag): LossSums {
    let [rows, loss, correct] = [0, 0, 0];
    const { batchSize } = this.settings;
    for (let from = 0; from < order.length && !signal.cancelled && Number.isFinite(loss); from += batchSize) {
      const batch = order.subarray(from, from + batchSize);
      const sums = this.trainBatch(batch);
      this.optimizer.apply(this.parameters, this.gradients, learningRate);
      rows += sums.rows;
      loss += sums.loss;
      correct += sums.correct;
    }
    return { rows, loss, correct };
  }

  evaluate(rows: Uint32Array): LossSums {
    const logits = predictLogits(this.network, this.data, rows);
    let [loss, correct] = [0, 0];
    logits.forEach((logit, k) => {
      const label = this.labelOf(rows, k);
      loss += crossEntropyOfLogit(logit, label);
      if (isCorrect(logit, label)) correct++;
    });
    return { rows: rows.length, loss, correct };
  }

  weights(): NetworkWeights {
    return copyNetwork(this.network);
  }

  state(): Uint8Array {
    return packArrays([this.dropoutRandom.position, ...this.optimizer.state, ...this.parameters]);
  }

  private goOnFrom(state: Uint8Array): void {
    const position = new Uint32Array(4);
    unpackArrays(state, [position, ...this.optimizer.state, ...this.parameters]);
    this.dropoutRandom.position = position;
  }

  /** Fills `gradients` with those of the batch's mean loss. */
  private trainBatch(batch: Uint32Array): LossSums {
    return inScope(() => {
      const passes: HiddenPass[] = [];
      let input = gather(this.data, batch);
      for (const layer of this.network.layers.slice(0, -1)) {
        const kernel = tf.tensor2d(layer.kernel, [layer.inputs, layer.units]);
        const output = this.drop(denseRelu(input, kernel, layer), layer.dropout ?? 0);
        passes.push({ layer, input, kernel, output });
        input = output;
      }
      const slopes = new Float32Array(input.size);
      const sums = this.outputLayer(batch, input.dataSync<'float32'>(), slopes);
      this.backward(passes, tf.tensor2d(slopes, input.shape));
      return sums;
    });
  }

  /** Inverted dropout: kept values are scaled up, so that scoring needs no correction. */
  private drop(values: tf.Tensor2D, share: number): tf.Tensor2D {
    if (share === 0) return values;
    const mask = new Float32Array(values.size);
    const scale = 1 / (1 - share);
    const threshold = share * 2 ** 32;
    for (let i = 0; i < mask.length; i++) mask[i] = this.dropoutRandom.uint32() >= threshold ? scale : 0;
    return tf.mul(values, tf.tensor2d(mask, values.shape));
  }

  /**
   * Loss and gradients of the one output unit.
   *
   * @param activations [batch, units] of the last hidden layer
   * @param slopes [batch, units], filled with d loss / d sum of the last hidden layer
   */
  private outputLayer(batch: Uint32Array, activations: Float32Array, slopes: Float32Array): LossSums {
    const layer = lastLayer(this.network);
    const { kernel, bias, inputs } = layer;
    const hidden = this.network.layers[this.network.layers.length - 2];
    const scale = 1 / (1 - (hidden?.dropout ?? 0));
    const kernelSlopes = new Float64Array(inputs);
    let [biasSlope, loss, correct] = [0, 0, 0];
    for (let k = 0; k < batch.length; k++) {
      const label = this.labelOf(batch, k);
      const logit = logitAt(activations, k * inputs, kernel, bias);
      loss += crossEntropyOfLogit(logit, label);
      if (isCorrect(logit, label)) correct++;
      const slope = (1 / (1 + Math.exp(-logit)) - label) / batch.length;
      biasSlope += slope;
      for (let j = 0, i = k * inputs; j < inputs; j++, i++) {
        const activation = activations[i] ?? 0;
        if (activation === 0) continue;
        kernelSlopes[j] = (kernelSlopes[j] ?? 0) + slope * activation;
        slopes[i] = slope * (kernel[j] ?? 0) * scale;
      }
    }
    this.keepGradients(this.network.layers.length - 1, kernelSlopes, Float64Array.of(biasSlope));
    return { rows: batch.length, loss, correct };
  }

  private backward(passes: readonly HiddenPass[], slopesOfLast: tf.Tensor2D): void {
    let slopes = slopesOfLast;
    for (let index = passes.length - 1; index >= 0; index--) {
      const pass = passes[index];
      if (!pass) continue;
      const kernelSlopes = tf.matMul(tf.transpose(pass.input), slopes);
      this.keepGradients(index, kernelSlopes.dataSync(), tf.sum(slopes, 0).dataSync());
      const below = passes[index - 1];
      if (!below) break;
      const scale = 1 / (1 - (below.layer.dropout ?? 0));
      const passedOn = tf.mul(tf.step(below.output), scale);
      slopes = tf.mul(tf.matMul(slopes, tf.transpose(pass.kernel)), passedOn);
    }
  }

  private keepGradients(layer: number, kernel: ArrayLike<number>, bias: ArrayLike<number>): void {
    this.gradients[2 * layer]?.set(kernel);
    this.gradients[2 * layer + 1]?.set(bias);
  }

  private labelOf(rows: Uint32Array, k: number): number {
    return this.data.labels[rows[k] ?? 0] ?? 0;
  }
}

/** Logits of the given rows without dropout; leaks no tensor. */
export function predictLogits(network: NetworkWeights, data: Matrix, rows: Uint32Array): Float32Array {
  const logits = new Float32Array(rows.length);
  const { kernel, bias, inputs } = lastLayer(network);
  for (let from = 0; from < rows.length; from += EVALUATION_ROWS) {
    const part = rows.subarray(from, from + EVALUATION_ROWS);
    const activations = inScope(() => {
      let input = gather(data, part);
      for (const layer of network.layers.slice(0, -1))
        input = denseRelu(input, tf.tensor2d(layer.kernel, [layer.inputs, layer.units]), layer);
      return input.dataSync<'float32'>();
    });
    for (let k = 0; k < part.length; k++) logits[from + k] = logitAt(activations, k * inputs, kernel, bias);
  }
  return logits;
}

/** Frees every tensor made in `work`. Unlike tf.tidy it does not search the result, element by element, for tensors. */
function inScope<T>(work: () => T): T {
  const engine = tf.engine();
  engine.startScope();
  try {
    return work();
  } finally {
    engine.endScope();
  }
}

function denseRelu(input: tf.Tensor2D, kernel: tf.Tensor2D, layer: DenseLayerWeights): tf.Tensor2D {
  const bias = tf.tensor1d(layer.bias);
  return tf.fused.matMul({ a: input, b: kernel, bias, activation: 'relu' }) as tf.Tensor2D;
}

/** Copies rows out of the matrix in JavaScript: slicing a tensor on wasm would copy all of it each time. */
function gather(matrix: Matrix, rows: Uint32Array): tf.Tensor2D {
  return tf.tensor2d(gatherRows(matrix, rows), [rows.length, matrix.width]);
}

function logitAt(activations: Float32Array, from: number, kernel: Float32Array, bias: Float32Array): number {
  let logit = bias[0] ?? 0;
  for (let j = 0; j < kernel.length; j++) logit += (activations[from + j] ?? 0) * (kernel[j] ?? 0);
  return logit;
}

function lastLayer(network: NetworkWeights): DenseLayerWeights {
  const last = network.layers[network.layers.length - 1];
  if (last?.units === 1) return last;
  throw new BadInputError('not-a-binary-network', {
    field: 'network.layers',
    value: network.layers.map((layer) => layer.units),
    todo: 'end the network with one unit: its logit',
  });
}
