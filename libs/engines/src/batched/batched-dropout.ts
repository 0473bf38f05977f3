import type { NetworkWeights } from '@factory/model';
import * as tf from '@tensorflow/tfjs';
import { uniformNumbers } from './uniform-numbers';

/**
 * Inverted dropout for many networks: each has its own fraction, and all use the same random numbers. For each
 * network it is the dropout that it would have alone.
 */
export class BatchedDropout {
  /** For each hidden layer, [networks, 1, 1]: factor on the outputs that are kept. */
  readonly scales: readonly tf.Tensor3D[];
  /** For each hidden layer, [networks, 1, 1]; absent if no network drops anything. */
  private readonly shares: readonly (tf.Tensor3D | undefined)[];
  private readonly uniform = uniformNumbers();

  /** @param seed unsigned 32-bit number */
  constructor(
    networks: readonly NetworkWeights[],
    private readonly seed: number,
  ) {
    const hidden = (networks[0]?.layers ?? []).slice(0, -1);
    const shares = hidden.map((_layer, index) => networks.map(({ layers }) => layers[index]?.dropout ?? 0));
    const column = (values: readonly number[]) => tf.tensor3d([...values], [values.length, 1, 1]);
    this.scales = shares.map((values) => column(values.map((share) => 1 / (1 - share))));
    this.shares = shares.map((values) => (values.some((share) => share > 0) ? column(values) : undefined));
  }

  /**
   * @param output [networks, batch, units] of a hidden layer
   * @param step number of this batch, from 0
   */
  apply(output: tf.Tensor3D, layer: number, step: number): tf.Tensor3D {
    const [share, scale] = [this.shares[layer], this.scales[layer]];
    if (!share || !scale) return output;
    const [, rows, units] = output.shape;
    // Drawn per unit: a unit's numbers do not depend on the width of the widest network, so a network continues
    // unchanged after others have left its program.
    const drawn = this.uniform([units, rows], this.seed, step * this.shares.length + layer).transpose();
    return output.mul(tf.greaterEqual(drawn.expandDims(0), share).cast('float32').mul(scale));
  }

  dispose(): void {
    tf.dispose([...this.scales, ...this.shares.flatMap((share) => share ?? [])]);
  }
}
