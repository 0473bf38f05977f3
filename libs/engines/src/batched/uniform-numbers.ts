import * as tf from '@tensorflow/tfjs';
import { SeededRandom } from '../seeded-random';

/**
 * Uniform numbers in [0, 1) that depend only on shape, seed and counter.
 *
 * @param seed unsigned 32-bit number
 * @param counter different counters give different numbers
 */
export type UniformNumbers = (shape: [number, number], seed: number, counter: number) => tf.Tensor2D;

/** The part of tfjs-node's backend that runs any operation of TensorFlow. */
interface NativeBackend {
  readonly binding: { readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number; readonly TF_INT32: number };
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; type: number; value: number }[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor;
}

/**
 * Generated on the device if the backend can: numbers generated in JavaScript would be the slowest part of a
 * step.
 */
export function uniformNumbers(): UniformNumbers {
  return tf.getBackend() === 'tensorflow' ? onDevice : onHost;
}

/** TensorFlow's StatelessRandomUniform (Philox); tfjs has no operation for it. */
const onDevice: UniformNumbers = (shape, seed, counter) =>
  tf.tidy(() => {
    const backend = tf.backend() as unknown as NativeBackend;
    const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = backend.binding;
    const attributes = [
      { name: 'dtype', type, value: TF_FLOAT },
      { name: 'T', type, value: TF_INT32 },
      { name: 'Tseed', type, value: TF_INT32 },
    ];
    const key = tf.tensor1d(Int32Array.of(seed, counter), 'int32');
    const size = tf.tensor1d(Int32Array.from(shape), 'int32');
    return backend.executeSingleOutput('StatelessRandomUniform', attributes, [size, key]) as tf.Tensor2D;
  });

const onHost: UniformNumbers = (shape, seed, counter) => {
  const random = new SeededRandom(seed, `uniform-${counter}`);
  return tf.tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, () => (random.uint32() >>> 8) / 2 ** 24),
    shape,
  );
};
