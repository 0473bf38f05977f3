import * as tf from '@tensorflow/tfjs';
import { codedData } from '../conformance/coded-data';
import { REFERENCE_SETTINGS } from '../conformance/conformance-cases';
import { describeEngine } from '../conformance/engine-conformance';
import { syntheticData } from '../conformance/synthetic-data';
import { createTfjsEngine } from './tfjs-engine';

const nowMs = () => performance.now();

describeEngine('tfjs on wasm', () => createTfjsEngine('wasm', nowMs));

describe('tfjs engine', () => {
  it('leaks no tensor, however the training ends', async () => {
    const engine = await createTfjsEngine('wasm', nowMs);
    const data = syntheticData(400, 5, 3);
    const settings = { ...REFERENCE_SETTINGS, epochs: 2 };
    const before = tf.memory().numTensors;

    const { weights } = await engine.train(data, settings, { seed: 1 });
    engine.predictLogits(weights, data, data.testRows);
    await engine.train({ ...data, features: data.features.map(() => NaN) }, settings, { seed: 1 });
    await expect(
      engine.train(data, settings, { seed: 1, signal: { cancelled: true } }),
    ).rejects.toMatchObject({ code: 'trial-cancelled' });

    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives the same weights, bit for bit, from columns stored as codes', async () => {
    const engine = await createTfjsEngine('wasm', nowMs);
    const { dense, coded } = codedData(300, 4, 8);
    const settings = { ...REFERENCE_SETTINGS, epochs: 2 };
    const { weights } = await engine.train(dense, settings, { seed: 1 });
    expect((await engine.train(coded, settings, { seed: 1 })).weights).toEqual(weights);
  });

  it('computes the same on the cpu backend as on wasm, to float32', async () => {
    const data = syntheticData(300, 5, 3);
    const settings = { ...REFERENCE_SETTINGS, epochs: 2 };
    const wasm = await (await createTfjsEngine('wasm', nowMs)).train(data, settings, { seed: 1 });
    const cpu = await (await createTfjsEngine('cpu', nowMs)).train(data, settings, { seed: 1 });
    expect(cpu.history[1]!.validationLoss).toBeCloseTo(wasm.history[1]!.validationLoss, 5);
  });

  it('chooses the best backend that can be loaded, and reports which', async () => {
    const engine = await createTfjsEngine('auto', nowMs);
    expect(engine.name).toMatch(/^tfjs-(native|wasm)$/);
    expect(tf.getBackend()).toBe(engine.name === 'tfjs-native' ? 'tensorflow' : 'wasm');
  });
});
