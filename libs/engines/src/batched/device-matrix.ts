import * as tf from '@tensorflow/tfjs';

/** A matrix that is changed in place and exists until it is disposed of. */
export type DeviceMatrix = tf.Variable<tf.Rank.R2>;

/** @param values disposed of here */
export function deviceVariable(values: tf.Tensor2D): DeviceMatrix {
  const matrix = tf.variable(values, false);
  values.dispose();
  return matrix;
}

/** A matrix with the given rows only; `matrix` is disposed of. */
export function keepRows(matrix: DeviceMatrix, rows: readonly number[]): DeviceMatrix {
  const kept = tf.tidy(() => tf.gather(matrix, tf.tensor1d([...rows], 'int32')));
  matrix.dispose();
  return deviceVariable(kept);
}

/** A copy of a row on the host. */
export function rowOf(matrix: DeviceMatrix, row: number): Float32Array {
  return tf.tidy(() => tf.slice(matrix, [row, 0], [1, -1]).dataSync<'float32'>().slice());
}
