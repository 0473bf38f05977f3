import type { Optimizer } from '@factory/domain';
import * as tf from '@tensorflow/tfjs';
import { BETA_1, BETA_2, EPSILON, RHO } from '../optimizers';
import { keepRows, rowOf, type DeviceMatrix } from './device-matrix';

/**
 * The update of one step with the mean of slopes m and of squared slopes v:
 * (momentum m + slope g) / (sqrt(spread v + inside) + outside).
 */
interface StepFactors {
  readonly momentum: number;
  readonly slope: number;
  readonly spread: number;
}

/**
 * The optimizers of `optimizers.ts` for many networks, each with its own kind and rate: all four are one
 * formula with different factors, so that a group needs no more tensor operations than a single network.
 */
export class BatchedOptimizer {
  /** [networks, 1] each. */
  private readonly gain: tf.Tensor2D;
  private readonly squareGain: tf.Tensor2D;
  private readonly inside: tf.Tensor2D;
  private readonly outside: tf.Tensor2D;

  /**
   * @param kinds of each network
   * @param steps completed by each network; incremented by `apply`
   * @param means [networks, parameters]: running means of slopes; owned by the optimizer from now on
   * @param squares [networks, parameters]: of squared slopes; owned by the optimizer as well
   */
  constructor(
    private readonly kinds: readonly Optimizer[],
    readonly steps: number[],
    private readonly means: DeviceMatrix,
    private readonly squares: DeviceMatrix,
  ) {
    const column = (value: (kind: Optimizer) => number) => tf.tensor2d(kinds.map(value), [kinds.length, 1]);
    this.gain = column(() => 1 - BETA_1);
    this.squareGain = column((kind) => 1 - (kind === 'rmsprop' ? RHO : BETA_2));
    this.inside = column((kind) => (kind === 'rmsprop' ? EPSILON : kind === 'sgd' ? 1 : 0));
    this.outside = column((kind) => (kind === 'adam' || kind === 'nadam' ? EPSILON : 0));
  }

  /**
   * @param parameters [networks, parameters], changed in place
   * @param gradients same shape
   * @param rates learning rate of each network
   */
  apply(parameters: DeviceMatrix, gradients: tf.Tensor2D, rates: readonly number[]): void {
    tf.tidy(() => {
      const factors = this.kinds.flatMap((kind, k) => {
        const { momentum, slope, spread } = stepFactors(kind, (this.steps[k] ?? 0) + 1, rates[k] ?? 0);
        return [momentum, slope, spread];
      });
      const [momentum, slope, spread] = columns(tf.tensor2d(factors, [this.kinds.length, 3]));
      this.means.assign(this.means.add(gradients.sub(this.means).mul(this.gain)));
      this.squares.assign(this.squares.add(tf.square(gradients).sub(this.squares).mul(this.squareGain)));
      const direction = this.means.mul(momentum).add(gradients.mul(slope));
      const size = tf.sqrt(this.squares.mul(spread).add(this.inside)).add(this.outside);
      parameters.assign(parameters.sub(direction.div(size)));
    });
    this.kinds.forEach((_kind, k) => (this.steps[k] = (this.steps[k] ?? 0) + 1));
  }

  /** Returns an optimizer for the given networks only; this one is disposed of. */
  keepOnly(networks: readonly number[]): BatchedOptimizer {
    this.disposeFactors();
    return new BatchedOptimizer(
      networks.flatMap((k) => this.kinds[k] ?? []),
      networks.map((k) => this.steps[k] ?? 0),
      keepRows(this.means, networks),
      keepRows(this.squares, networks),
    );
  }

  /** @returns running means of slopes and of squared slopes of one network, [parameters] each */
  stateOf(network: number): [Float32Array, Float32Array] {
    return [rowOf(this.means, network), rowOf(this.squares, network)];
  }

  dispose(): void {
    tf.dispose([this.means, this.squares]);
    this.disposeFactors();
  }

  private disposeFactors(): void {
    tf.dispose([this.gain, this.squareGain, this.inside, this.outside]);
  }
}

function columns(matrix: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  return tf.split(matrix, 3, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
}

/** Formulas and their sources: `optimizers.ts`. @param step starts at 1 */
function stepFactors(kind: Optimizer, step: number, rate: number): StepFactors {
  switch (kind) {
    case 'adam':
      return {
        momentum: (rate * Math.sqrt(1 - BETA_2 ** step)) / (1 - BETA_1 ** step),
        slope: 0,
        spread: 1,
      };
    case 'nadam': {
      const now = nadamPace(step);
      const next = nadamPace(step + 1);
      const product = nadamPaceProduct(step);
      return {
        momentum: (rate * next) / (1 - product * next),
        slope: (rate * (1 - now)) / (1 - product),
        spread: 1 / (1 - BETA_2 ** step),
      };
    }
    case 'rmsprop':
      return { momentum: 0, slope: rate, spread: 1 };
    case 'sgd':
      return { momentum: 0, slope: rate, spread: 0 };
  }
}

function nadamPace(step: number): number {
  return BETA_1 * (1 - 0.5 * 0.96 ** step);
}

/** Products of the paces of the first steps; after these the product is too small to change a float64. */
const NADAM_PACE_PRODUCTS = Array.from({ length: 400 }, () => 1);
NADAM_PACE_PRODUCTS.forEach((_one, step, products) => {
  if (step > 0) products[step] = (products[step - 1] ?? 0) * nadamPace(step);
});

function nadamPaceProduct(step: number): number {
  return NADAM_PACE_PRODUCTS[step] ?? 0;
}
