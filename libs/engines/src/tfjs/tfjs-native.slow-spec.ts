import * as tf from '@tensorflow/tfjs';
import { describeEngine } from '../conformance/engine-conformance';
import { nativeBinding } from '../conformance/native-binding';
import { createTfjsEngine } from './tfjs-engine';

jest.setTimeout(600_000);

const nowMs = () => performance.now();

describeEngine('tfjs native', () => createTfjsEngine('native', nowMs, nativeBinding()));

describe('tfjs native engine', () => {
  it('computes with TensorFlow and says so', async () => {
    const engine = await createTfjsEngine('native', nowMs, nativeBinding());
    expect(engine.name).toBe('tfjs-native');
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.backend()).toHaveProperty('binding.TF_Version', '2.20.0');
  });

  it('says where it looked when there is no binding', async () => {
    await expect(createTfjsEngine('native', nowMs, __dirname)).rejects.toThrow(
      /engine tfjs-native cannot be used .*tfjs-node-gpu: .*Cannot find module.*tfjs-node: .*Cannot find module/,
    );
  });
});
