import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../expand-rows';
import type { TrainingData } from '../training-engine';

/** A dataset on the backend's device. One-hot columns that are stored as codes are expanded. */
export class DeviceData {
  /** [rows, width] */
  readonly features: tf.Tensor2D;
  /** [rows, 1] */
  readonly labels: tf.Tensor2D;

  constructor(data: TrainingData) {
    const rows = data.labels.length;
    const every = Uint32Array.from({ length: rows }, (_unused, row) => row);
    const dense = data.oneHot ? gatherRows(data, every) : data.features;
    this.features = tf.tensor2d(dense, [rows, data.width]);
    this.labels = tf.tensor2d(Float32Array.from(data.labels), [rows, 1]);
  }

  dispose(): void {
    tf.dispose([this.features, this.labels]);
  }
}
