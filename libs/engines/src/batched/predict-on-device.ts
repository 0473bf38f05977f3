import type { NetworkWeights } from '@factory/model';
import * as tf from '@tensorflow/tfjs';
import { forward, layersOf, rowsAtATime } from './batched-passes';
import type { DeviceData } from './device-data';
import { PaddedLayout, arraysOf } from './padded-layout';

/**
 * Logits of rows that are already on the device: only row numbers and logits are transferred.
 *
 * @returns [rows], in their order
 */
export function predictOnDevice(data: DeviceData, network: NetworkWeights, rows: Uint32Array): Float32Array {
  const logits = new Float32Array(rows.length);
  const layout = new PaddedLayout([network]);
  const size = rowsAtATime(layout, 1);
  tf.tidy(() => {
    const layers = layersOf(
      tf.tensor2d(layout.pack(arraysOf(network), network), [1, layout.parameters]),
      layout,
    );
    for (let from = 0; from < rows.length; from += size) {
      const part = rows.subarray(from, from + size);
      const ofPart = tf.tidy(() => {
        const numbers = tf.tensor1d(Int32Array.from(part), 'int32');
        return forward(layers, tf.gather(data.features, numbers)).logits.dataSync<'float32'>();
      });
      logits.set(ofPart, from);
    }
  });
  return logits;
}
